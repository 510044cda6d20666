// What a conversation is made of, and the three ways to ask for an answer.
// Types only: the engine's public surface has the same shapes, and this room may not look up to it.

import type { Plain } from '#lib/formats/json/exact-json.ts';

/**
 * A message as the model's template gets it, whole: `content` may be text, a list of parts or null, and beside it stand
 * `tool_calls`, `tool_call_id`, `name`, `reasoning_content` and whatever else the template reads.
 */
export interface ChatMessage {
  role: string;
  content?: Plain;
  [field: string]: Plain;
}

/** Messages and what else a chat template may be given. */
export interface ChatPrompt {
  messages: readonly ChatMessage[];
  /** Tools as JSON schemas; the template `tool_use` is taken where the model has one. */
  tools?: readonly Plain[] | null;
  documents?: readonly Plain[] | null;
  /** Variables of the template's own, such as `enable_thinking`. */
  variables?: Readonly<Record<string, Plain>>;
  /** Ends the prompt where the assistant begins to speak. Default true, unless the last message is continued. */
  addGenerationPrompt?: boolean;
  /** Ends the prompt within the last message, for the model to go on with it. Default false. */
  continueFinalMessage?: boolean;
}

/** `ids` are taken as they are; `text` is tokenised; `messages` go through the chat template first. */
export type Prompt = { ids: number[] } | { text: string } | ChatPrompt;
