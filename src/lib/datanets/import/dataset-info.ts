// Reads LLaMA-Factory's description of a file, an entry of dataset_info.json: the columns and the names of roles. Missing entries
// have LLaMA-Factory's defaults.

import { FormatError } from '#lib/formats/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import type { Role, RoleNames } from '#lib/dataset/records/roles.ts';
import type { Mapping } from '#lib/dataset/records/shapes.ts';

export interface DescribedMapping {
  mapping: Mapping;
  roles: RoleNames;
}

/** The entry called `dataset`; otherwise the one for `fileName`, otherwise the only one. @throws FormatError */
export function readDatasetInfo(info: JsonObject, name: string, fileName: string, dataset?: string): DescribedMapping {
  const entries = Object.entries(info).filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]));
  const ofFile = entries.filter(
    ([, { file_name: file }]) => typeof file === 'string' && file.split('/').at(-1) === fileName,
  );
  const chosen =
    dataset === undefined ? (ofFile.length > 0 ? ofFile : entries) : entries.filter(([called]) => called === dataset);
  const [entry, ...others] = chosen;
  if (entry && others.length === 0) return describedBy(entry[1], `${name}, ${entry[0]}`);
  const names = entries.map(([called]) => called).slice(0, 10);
  throw new FormatError(
    name,
    entry
      ? 'it describes several datasets'
      : `it does not describe ${dataset === undefined ? 'a dataset' : `"${dataset.slice(0, 60)}"`}`,
    { hint: `Name one of ${names.join(', ').slice(0, 300)}.` },
  );
}

function describedBy(entry: JsonObject, where: string): DescribedMapping {
  const columns = isJsonObject(entry['columns']) ? entry['columns'] : {};
  const tags = isJsonObject(entry['tags']) ? entry['tags'] : {};
  const column = (name: string): string | null => textOf(columns[name], `${where}, column "${name}"`);
  const tag = (name: string, fallback: string): string => textOf(tags[name], `${where}, tag "${name}"`) ?? fallback;
  const { formatting = 'alpaca' } = entry;
  if (formatting !== 'alpaca' && formatting !== 'sharegpt' && formatting !== 'openai') {
    throw new FormatError(where, `formatting is ${JSON.stringify(formatting).slice(0, 60)}`, {
      hint: 'It is alpaca, sharegpt or openai.',
    });
  }
  const isAlpaca = formatting === 'alpaca';
  const prompt = column('prompt') ?? 'instruction';
  const list = column('messages') ?? 'conversations';
  if (entry['ranking'] === true) {
    const [chosen, rejected] = [column('chosen'), column('rejected')];
    if (chosen === null || rejected === null)
      throw new FormatError(where, 'it names no columns "chosen" and "rejected"');
    return { mapping: { kind: 'preference', prompt: isAlpaca ? prompt : list, chosen, rejected }, roles: {} };
  }
  const system = column('system');
  if (isAlpaca) {
    const asked = [prompt, column('query') ?? 'input'];
    const completion = column('response') ?? 'output';
    return { mapping: { kind: 'turns', system, history: column('history'), prompt: asked, completion }, roles: {} };
  }
  const isOpenAi = formatting === 'openai';
  const role = tag('role_tag', isOpenAi ? 'role' : 'from');
  const content = tag('content_tag', isOpenAi ? 'content' : 'value');
  const roles: [string, Role][] = [
    [tag('user_tag', 'human'), 'user'],
    [tag('assistant_tag', 'gpt'), 'assistant'],
    [tag('observation_tag', 'observation'), 'tool'],
    [tag('function_tag', 'function_call'), 'assistant'],
    [tag('system_tag', 'system'), 'system'],
  ];
  return {
    mapping: { kind: 'messages', list, role, content, system },
    roles: Object.fromEntries(roles.map(([said, one]) => [said.toLowerCase(), one])),
  };
}

function textOf(value: unknown, where: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value !== '') return value;
  throw new FormatError(where, 'it is not a name', { hint: 'Name a column.' });
}
