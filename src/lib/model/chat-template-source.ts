// Finds the chat templates of a folder and selects one for a conversation, by transformers' rules.

import type { Folder } from '#lib/core/folder.ts';
import { isJsonObject, readTextFile, type JsonObject } from '#lib/formats/json/json-file.ts';
import { ChatTemplateError } from './errors.ts';

/** Templates by name. */
export type TemplateSources = ReadonlyMap<string, string>;

const MAX_FILE = 4 << 20;

/** Files take precedence over the field of tokenizer_config.json, which is text, a list of named templates, or an object. */
export async function readTemplateSources(folder: Folder, config: JsonObject): Promise<TemplateSources> {
  const sources = new Map<string, string>();
  for (const [name, path] of [
    ['default', 'chat_template.jinja'],
    ['tool_use', 'additional_chat_templates/tool_use.jinja'],
  ] as const) {
    if (await folder.has(path)) sources.set(name, await readTextFile(folder, path, MAX_FILE));
  }
  if (sources.size > 0) return sources;
  const field = config['chat_template'] ?? null;
  if (field === null) return sources;
  if (typeof field === 'string') return sources.set('default', field);
  const entries: unknown[] = Array.isArray(field)
    ? (field as unknown[]).map((entry) => (isJsonObject(entry) ? [entry['name'], entry['template']] : []))
    : isJsonObject(field)
      ? Object.entries(field)
      : [[]];
  for (const entry of entries) {
    const [name, text] = entry as unknown[];
    if (typeof name !== 'string' || typeof text !== 'string') {
      throw new ChatTemplateError(
        `${folder.name}/tokenizer_config.json`,
        'field "chat_template" is neither text nor templates by name',
        { hint: 'Write {"default": "..."}, or put the template into chat_template.jinja.' },
      );
    }
    sources.set(name, text);
  }
  return sources;
}

/** The template for a conversation, with or without tools. */
export function chooseTemplate(sources: TemplateSources, hasTools: boolean, model: string): string {
  const text = (hasTools ? sources.get('tool_use') : undefined) ?? sources.get('default');
  if (text !== undefined) return text;
  if (sources.size === 0) {
    throw new ChatTemplateError(model, 'the model has no chat template', {
      hint: 'It is a base model: send a plain text prompt, or load an instruction-tuned model.',
    });
  }
  const names = [...sources.keys()].sort().join(', ');
  throw new ChatTemplateError(
    model,
    `the model has several chat templates (${names.slice(0, 200)}), none of them "default"`,
    {
      hint: 'Copy the one to use into chat_template.jinja.',
    },
  );
}
