// Renders messages to prompt text with the model's own Jinja template, like transformers, with bounded work. A model without a
// template cannot chat: none is made up.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { ChatMessage, ChatPrompt } from './chat-message.ts';
import { continueFinalMessage } from './continue-message.ts';
import { ChatTemplateError } from './errors.ts';
import { TemplateFailure } from './jinja/failure.ts';
import type { GenerationMarks } from './jinja/renderer.ts';
import { compileTemplate, type Template } from './jinja/template.ts';

export interface ChatTemplate {
  /** The prompt. An invalid template is reported here, so that the model still loads. `marks` surround what generation blocks write. */
  render(prompt: ChatPrompt, today: () => Date, marks?: GenerationMarks): string;
}

const MAX_TEMPLATE = 1 << 20;
const MAX_MESSAGES = 100_000;
/** Variables with these names are set for every template and cannot be overridden. */
const TAKEN = ['messages', 'tools', 'documents', 'add_generation_prompt', 'continue_final_message'];

/** `specials` are the special tokens by role (`bos_token`, `eos_token`, …). */
export function createChatTemplate(
  source: string,
  specials: Readonly<Record<string, string>>,
  model: string,
): ChatTemplate {
  let compiled: Template | null = null;
  const refuse = (what: string, hint: string, cause?: unknown): never => {
    throw new ChatTemplateError(model, what, { hint, cause });
  };
  const compile = (): Template => {
    if (source.length > MAX_TEMPLATE) {
      return refuse(
        `the chat template has ${source.length} characters; at most ${MAX_TEMPLATE} are read`,
        'Send a plain text prompt, or give the model a shorter template as chat_template.jinja.',
      );
    }
    try {
      return compileTemplate(source);
    } catch (cause) {
      if (!(cause instanceof TemplateFailure)) throw cause;
      return refuse(
        `the chat template cannot be read (${place(cause)}${cause.message})`,
        'Send a plain text prompt, or give the model a working template as chat_template.jinja.',
        cause,
      );
    }
  };

  return {
    render: (prompt, today, marks) => {
      checkPrompt(prompt, refuse);
      compiled ??= compile();
      const continued = prompt.continueFinalMessage ? continueFinalMessage(prompt.messages) : undefined;
      if (continued === null || (continued && !source.includes('content')))
        return refuse(
          'the last message has no text that the template could continue',
          'Give it a "content", or ask for a new answer.',
        );
      const variables = {
        ...specials,
        ...prompt.variables,
        messages: (continued ?? prompt).messages,
        tools: prompt.tools ?? null,
        documents: prompt.documents ?? null,
        add_generation_prompt: prompt.addGenerationPrompt ?? !continued,
      };
      let text: string;
      try {
        text = compiled.render(variables, today, marks);
      } catch (cause) {
        if (!(cause instanceof TemplateFailure)) throw cause;
        return refuse(...explain(cause, prompt), cause);
      }
      if (!continued) return text;
      return (
        continued.cut(text) ??
        refuse(
          'the template does not write the last message as it is, so the model cannot continue it',
          'Ask for a new answer, or end the last message where the template keeps it.',
        )
      );
    },
  };
}

const place = ({ line }: TemplateFailure): string => (line === null ? '' : `line ${line}: `);

/** The error and a hint that fits the content of the conversation. */
function explain(failure: TemplateFailure, prompt: ChatPrompt): [what: string, hint: string] {
  const { kind, message } = failure;
  if (kind === 'TemplateError') {
    return [
      `the chat template refuses these messages: ${message}`,
      'It is the rule of this model; change the messages to fit it.',
    ];
  }
  if (kind === 'LimitError' || kind === 'RecursionError') {
    return [
      `the chat template does too much (${place(failure)}${message})`,
      'Shorten the conversation; if a short one ends the same way, send a plain text prompt.',
    ];
  }
  const what = `the chat template cannot render these messages (${place(failure)}${message})`;
  return [what, kind === 'NotOffered' ? 'Send a plain text prompt.' : hintFor(prompt)];
}

function hintFor({ messages, tools }: ChatPrompt): string {
  const listed = messages.findIndex(({ content }) => Array.isArray(content));
  if (listed >= 0) return `Write the content of message ${listed + 1} as text: this template reads no parts there.`;
  const empty = messages.findIndex(({ content }) => content === undefined || content === null);
  if (empty >= 0) return `Give message ${empty + 1} a "content" of "": this template reads one of every message.`;
  const called = messages.findIndex(({ tool_calls: calls }) => calls !== undefined);
  if (called >= 0)
    return `Write the calls of message ${called + 1} as {"type": "function", "function": {"name": "...", "arguments": {...}}}.`;
  if (!tools) return 'If the template is one for tools, give it tools; if not, send a plain text prompt.';
  return 'Write tools as {"type": "function", "function": {"name": "...", "description": "...", "parameters": {...}}}.';
}

type Refuse = (what: string, hint: string) => never;

function checkPrompt(prompt: ChatPrompt, refuse: Refuse): void {
  const { messages, tools, documents, variables = {} } = prompt;
  const shape = 'A message is {"role": "user", "content": "..."}, with further fields where the template reads them.';
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MAX_MESSAGES) {
    const count = Array.isArray(messages) ? messages.length : 'no';
    return refuse(`${count} messages were given; 1 to ${MAX_MESSAGES} are accepted`, shape);
  }
  const bad = messages.findIndex((message: ChatMessage) => !isJsonObject(message) || typeof message.role !== 'string');
  if (bad >= 0) return refuse(`message ${bad + 1} has no "role"`, shape);
  const lists: [string, readonly Plain[] | null | undefined][] = [
    ['tools', tools],
    ['documents', documents],
  ];
  for (const [name, list] of lists) {
    if (list && !(Array.isArray(list) && list.every((entry: unknown) => typeof entry === 'object' && entry !== null)))
      return refuse(`the ${name} are not a list of objects`, `Give ${name} as a list of JSON objects.`);
  }
  if (prompt.continueFinalMessage && prompt.addGenerationPrompt) {
    return refuse(
      'the last message is to be continued and a new one to be begun',
      'Ask for one of the two: continue_final_message or add_generation_prompt.',
    );
  }
  const taken = Object.keys(variables).find((name) => TAKEN.includes(name));
  if (taken !== undefined) return refuse(`the variable "${taken}" is what every template is given`, 'Rename it.');
}
