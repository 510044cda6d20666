// Adds the ids before and after a text, as the post-processor of tokenizer.json says. `add_bos_token` of tokenizer_config.json
// has no effect, as in transformers.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

export interface Surroundings {
  before: number[];
  behind: number[];
}

export function readSurroundings(processor: unknown): Surroundings {
  if (processor === null || processor === undefined) return { before: [], behind: [] };
  const { type, processors, cls, sep } = isJsonObject(processor) ? processor : {};
  switch (type) {
    case 'ByteLevel':
      return { before: [], behind: [] };
    case 'Sequence': {
      const parts = Array.isArray(processors) ? (processors as unknown[]).map(readSurroundings) : [];
      // Each step processes the output of the previous one.
      return {
        before: parts.reduce<number[]>((ids, { before }) => [...before, ...ids], []),
        behind: parts.flatMap(({ behind }) => behind),
      };
    }
    case 'RobertaProcessing':
    case 'BertProcessing':
      return { before: [idOfPair(cls)], behind: [idOfPair(sep)] };
    case 'TemplateProcessing':
      return ofTemplate(processor as JsonObject);
    default:
      throw new Error(`its post-processor "${String(type).slice(0, 40)}" is not supported`);
  }
}

function idOfPair(pair: unknown): number {
  const id: unknown = Array.isArray(pair) ? pair[1] : undefined;
  if (!Number.isInteger(id)) throw new Error('its post-processor names a token without an id');
  return id as number;
}

function ofTemplate({ single, special_tokens: tokens }: JsonObject): Surroundings {
  const parts: unknown[] = Array.isArray(single) ? single : [];
  const at = parts.findIndex((part) => isJsonObject(part) && isJsonObject(part['Sequence']));
  if (at < 0) throw new Error('its post-processor has no place for the text');
  const idsOf = (part: unknown): number[] => {
    const special = isJsonObject(part) ? part['SpecialToken'] : undefined;
    const name = isJsonObject(special) ? special['id'] : undefined;
    const entry = isJsonObject(tokens) && typeof name === 'string' ? tokens[name] : undefined;
    const ids: unknown = isJsonObject(entry) ? entry['ids'] : undefined;
    if (!Array.isArray(ids) || !ids.every(Number.isInteger))
      throw new Error('its post-processor names a token without ids');
    return ids as number[];
  };
  return { before: parts.slice(0, at).flatMap(idsOf), behind: parts.slice(at + 1).flatMap(idsOf) };
}
