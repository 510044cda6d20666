// `payable render`: the prompt that a chat template makes of a conversation. It opens no weights and no GPU.

import { parseExactJson, type Plain } from '#lib/formats/json/exact-json.ts';
import type { ChatPrompt } from '#lib/model/chat-message.ts';
import { loadText } from '#lib/model/text.ts';
import type { Command, OptionValues } from '../command.ts';
import { conversationOf } from '../conversation.ts';
import { FileError } from '#node/errors.ts';
import { UsageError } from '../errors.ts';
import { findModel, readInput } from '../input-files.ts';
import { openModelFolder } from '#lib/model/sources/open-model.ts';
import { openNodeFolder } from '#node/open-folder.ts';
import * as option from '../option-values.ts';

export const render: Command = {
  summary: 'print the prompt that a model reads of a conversation',
  help: `payable render --model DIR --chat FILE.json [--tools FILE.json] [--documents FILE.json] [--var NAME=VALUE]... [--json]

Prints the text that the model's chat template makes of the messages, and nothing else. With --json it prints one object
{"text", "ids"}. Only the tokenizer's files of DIR are read.

  --chat FILE            [{"role", "content", ...}, ...], or {"messages", "tools", "documents", "chat_template_kwargs",
                         "add_generation_prompt", "continue_final_message"}
  --tools FILE           a list of tools as JSON schemas
  --documents FILE       a list of documents for templates that take some
  --var NAME=VALUE       a variable of the template, such as enable_thinking=false; JSON, or else text; may be repeated
  --no-generation-prompt leaves out the opening of the answer
  --continue             ends within the last message, for the model to go on with it`,
  options: {
    model: { type: 'string' },
    chat: { type: 'string' },
    tools: { type: 'string' },
    documents: { type: 'string' },
    var: { type: 'string', multiple: true },
    'no-generation-prompt': { type: 'boolean' },
    continue: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  async run(values, { write }) {
    const path = findModel(option.required(values, 'model', 'a model directory'));
    const prompt = promptOf(values);
    // Show the ids of all tokens, also those beyond the model's vocabulary.
    const text = await loadText(await openModelFolder(openNodeFolder(path)), Infinity, () => new Date());
    const read = text.readPrompt(prompt);
    write(option.flag(values, 'json') ? `${JSON.stringify(read)}\n` : `${read.text ?? ''}\n`);
  },
};

function promptOf(values: OptionValues): ChatPrompt {
  const chat = option.required(values, 'chat', 'a file with messages');
  const prompt = conversationOf(readJson(chat), chat);
  const list = (name: 'tools' | 'documents'): readonly Plain[] | null => {
    const path = option.text(values, name);
    if (path === undefined) return prompt[name] ?? null;
    const value = readJson(path);
    if (Array.isArray(value)) return value as Plain[];
    throw new FileError(path, 'the JSON is not a list', `Write the ${name} as a list of objects.`);
  };
  const continues = option.flag(values, 'continue');
  return {
    ...prompt,
    tools: list('tools'),
    documents: list('documents'),
    variables: { ...prompt.variables, ...Object.fromEntries(option.list(values, 'var').map(variable)) },
    ...(option.flag(values, 'no-generation-prompt') && { addGenerationPrompt: false }),
    ...(continues && { continueFinalMessage: true }),
  };
}

const readJson = (path: string): Plain => parseExactJson(readInput(path), path);

function variable(option: string): [string, Plain] {
  const [, name, text] = /^([^=]+)=([^]*)$/.exec(option) ?? [];
  if (name === undefined || text === undefined)
    throw new UsageError(`Option --var is "${option.slice(0, 60)}".`, 'Write NAME=VALUE, like enable_thinking=false.');
  try {
    return [name, parseExactJson(text, '--var')];
  } catch {
    return [name, text];
  }
}
