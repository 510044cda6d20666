// Messages to prompt text by the model's own Jinja template, with bounded work.
// It knows templates; it never invents one: a model without a template has no chat.

import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import type { ChatMessage } from './chat-message.ts';
import { ChatTemplateError } from './errors.ts';
import { formatDate } from './template-date.ts';

export interface ChatTemplate {
  /** The template's text: some facts about a model are only to be read there. */
  source: string;
  /** The prompt up to where the assistant begins to speak. */
  render(messages: readonly ChatMessage[]): string;
}

export interface TemplateSettings {
  /** Special tokens by role (`bos_token`, `eos_token`, …). */
  specials: Readonly<Record<string, string>>;
  /** Today, for templates that print a date. Without it such templates fall back or are refused. */
  today?: (() => Date) | undefined;
}

const MAX_TEMPLATE = 256 << 10;
const MAX_MESSAGES = 10_000;
const MAX_PROMPT = 32 << 20;
const MAX_STEPS = 500_000;
const MAX_LIST = 20_000;
const MAX_NUMBER = 1_000_000;

export function createChatTemplate(source: string, settings: TemplateSettings, model: string): ChatTemplate {
  if (source.length > MAX_TEMPLATE) {
    throw new ChatTemplateError(
      model,
      `the chat template has ${source.length} characters; at most ${MAX_TEMPLATE} are read`,
      {
        hint: 'Check tokenizer_config.json.',
      },
    );
  }
  let program: ReturnType<typeof parse>;
  try {
    program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  } catch (cause) {
    throw new ChatTemplateError(model, `the chat template cannot be read (${(cause as Error).message})`, {
      hint: 'Check tokenizer_config.json, or send a plain text prompt.',
      cause,
    });
  }
  return {
    source,
    render: (messages) => {
      checkMessages(messages, model);
      let prompt: string;
      try {
        const interpreter = new BoundedInterpreter(environment(messages, settings));
        prompt = (interpreter.run(program) as { value: string }).value;
      } catch (cause) {
        throw new ChatTemplateError(model, `the chat template refused the messages (${(cause as Error).message})`, {
          hint: 'Most templates want user and assistant to take turns, starting with the user.',
          cause,
        });
      }
      if (prompt.length > MAX_PROMPT) {
        throw new ChatTemplateError(
          model,
          `the prompt has ${prompt.length} characters; at most ${MAX_PROMPT} are read`,
          { hint: 'Shorten the conversation.' },
        );
      }
      return prompt;
    },
  };
}

function environment(messages: readonly ChatMessage[], { specials, today }: TemplateSettings): Environment {
  const env = new Environment();
  const globals: Record<string, unknown> = {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    raise_exception: (message: string) => {
      throw new Error(message);
    },
    range: boundedRange,
    messages: messages.map(({ role, content }) => ({ role, content })),
    add_generation_prompt: true,
    tools: null,
    documents: null,
    ...(today && { strftime_now: (format: string) => formatDate(today(), format) }),
    ...specials,
  };
  for (const [name, value] of Object.entries(globals)) env.set(name, value);
  return env;
}

/** Counts every step, so that a hostile template ends. */
class BoundedInterpreter extends Interpreter {
  #steps = 0;

  override evaluate(...args: Parameters<Interpreter['evaluate']>): ReturnType<Interpreter['evaluate']> {
    if (++this.#steps > MAX_STEPS) throw new Error(`it takes more than ${MAX_STEPS} steps`);
    const result = super.evaluate(...args);
    const { type, value } = result as { type: string; value: unknown };
    if (type === 'ArrayValue' && (value as unknown[]).length > MAX_LIST)
      throw new Error(`it builds a list of more than ${MAX_LIST} entries`);
    if (type === 'StringValue' && (value as string).length > MAX_PROMPT)
      throw new Error(`it builds a text of more than ${MAX_PROMPT} characters`);
    if (type === 'IntegerValue' && Math.abs(value as number) > MAX_NUMBER)
      throw new Error(`it uses a number above ${MAX_NUMBER}`);
    return result;
  }
}

function boundedRange(first: number, end?: number, step = 1): number[] {
  const [from, to] = end === undefined ? [0, first] : [first, end];
  if (step === 0) throw new Error('range() with a step of 0');
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > MAX_LIST) throw new Error(`it builds a list of more than ${MAX_LIST} entries`);
  return Array.from({ length }, (_, i) => from + i * step);
}

function checkMessages(messages: readonly ChatMessage[], model: string): void {
  const fail = (what: string): never => {
    throw new ChatTemplateError(model, what, {
      hint: 'A message is {"role": "system" | "user" | "assistant", "content": text}.',
    });
  };
  if (messages.length === 0 || messages.length > MAX_MESSAGES)
    fail(`${messages.length} messages were given; 1 to ${MAX_MESSAGES} are accepted`);
  messages.forEach(({ role, content }, i) => {
    if (!['system', 'user', 'assistant'].includes(role)) fail(`message ${i + 1} has the role ${JSON.stringify(role)}`);
    if (typeof content !== 'string') fail(`message ${i + 1} has no text as its content`);
  });
}
