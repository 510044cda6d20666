// Messages of a conversation, and the three kinds of prompt. Types only; the engine's public types have the same shape, and this
// room may not import them.

import type { Plain } from '#lib/formats/json/exact-json.ts';

/**
 * A message, passed to the model's template unchanged: `content` may be text, a list of parts or null; further fields are
 * `tool_calls`, `tool_call_id`, `name`, `reasoning_content` and others that the template reads.
 */
export interface ChatMessage {
  role: string;
  content?: Plain;
  [field: string]: Plain;
}

/** Messages and the other inputs of a chat template. */
export interface ChatPrompt {
  messages: readonly ChatMessage[];
  /** Tools as JSON schemas; selects the template `tool_use` if the model has one. */
  tools?: readonly Plain[] | null;
  documents?: readonly Plain[] | null;
  /** Variables specific to the template, such as `enable_thinking`. */
  variables?: Readonly<Record<string, Plain>>;
  /** Ends the prompt with the start of an assistant message. Default true, unless the last message is continued. */
  addGenerationPrompt?: boolean;
  /** Ends the prompt within the last message, which the model then continues. Default false. */
  continueFinalMessage?: boolean;
}

/** `ids` are used unchanged; `text` is tokenised; `messages` are first rendered by the chat template. */
export type Prompt = { ids: number[] } | { text: string } | ChatPrompt;
