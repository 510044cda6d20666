// A folder that `ollama create` reads: a Modelfile, and beside it the adapter as a LoRA of llama.cpp where the base is a GGUF file, or
// else the merged model.

import { UnsupportedError } from '#lib/formats/errors.ts';
import { loadText, type TextModel } from '../text.ts';
import { openAdapterSource } from './adapter-source.ts';
import { findChatForm, goTemplate } from './chat-form.ts';
import { textFile, type Export } from './exported-file.ts';
import { ggufAdapterFile } from './gguf-export.ts';
import { exportMerged, type MergedExportInput } from './merged-export.ts';

export interface OllamaExportInput extends MergedExportInput {
  /** Where Ollama finds the base's GGUF file; null for a base in another form. */
  ggufPath: string | null;
  /** The wall clock, for chat templates that print a date. */
  today: () => Date;
}

const MERGED = 'merged';

export async function exportOllama(input: OllamaExportInput, signal?: AbortSignal): Promise<Export> {
  const weights = await exportWeights(input, signal);
  const source = await openAdapterSource(input, signal);
  const text = await loadText(source.model, source.architecture.vocab, input.today);
  const template = templateOf(text);
  const stops = [...text.stopIds].map((id) => text.decode([id], { special: true })).filter((stop) => stop !== '');
  const lines = [
    ...weights.lines,
    ...(template === null ? [] : [`TEMPLATE """${template}"""`]),
    ...[...new Set(stops)].filter(isPlain).map((stop) => `PARAMETER stop "${stop}"`),
  ];
  const notes = [
    ...weights.notes,
    ...(template === null
      ? [
          'TEMPLATE is left out: the chat template is none of ChatML, Llama 3, Gemma and Mistral, exactly. Ollama chooses by the model.',
        ]
      : []),
    ...stops
      .filter((stop) => !isPlain(stop))
      .map((stop) => `The stop text ${JSON.stringify(stop)} cannot be said in a Modelfile.`),
  ];
  return { files: [textFile('Modelfile', `${lines.join('\n')}\n`), ...weights.files], notes };
}

/** A Modelfile has no escapes within quotes. */
const isPlain = (text: string): boolean => !/["\r\n]/.test(text);

async function exportWeights(input: OllamaExportInput, signal?: AbortSignal): Promise<Export & { lines: string[] }> {
  const { ggufPath } = input;
  const notes: string[] = [];
  if (ggufPath !== null && isPlain(ggufPath)) {
    try {
      const file = ggufAdapterFile(await openAdapterSource(input, signal));
      return { files: [file], lines: [`FROM ${ggufPath}`, `ADAPTER ./${file.path}`], notes };
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      notes.push(`The adapter is merged: ${error.message}`);
    }
  }
  const merged = await exportMerged(input, signal);
  const files = merged.files.map((file) => ({ ...file, path: `${MERGED}/${file.path}` }));
  return { files, lines: [`FROM ./${MERGED}`], notes: [...notes, ...merged.notes] };
}

function templateOf(text: TextModel): string | null {
  if (!text.hasChatTemplate) return null;
  const form = findChatForm((messages) => text.readPrompt({ messages }).text ?? '');
  return form && goTemplate(form);
}
