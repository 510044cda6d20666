// What a training example is made of, and what becomes of it: token ids, each with or without loss. Types only.

import type { ChatPrompt } from '../chat-message.ts';

export interface ChatSource extends Pick<ChatPrompt, 'messages' | 'tools' | 'documents' | 'variables'> {
  kind: 'chat';
  /** Whether the model learns message `i`. Only messages of the assistant can be learned. */
  learned: readonly boolean[];
}

export type LabelSource =
  | ChatSource
  /** Without a template: the completion follows the prompt directly. */
  | { kind: 'completion'; prompt: string; completion: string }
  | { kind: 'text'; text: string };

/**
 * How the learned words were found: by the template's generation tags, as what follows a prompt, by marks around
 * them, or as what follows the part that a text shares with the prompt. A text or a completion is learned whole.
 */
export type LabelMethod = 'tags' | 'prefix' | 'marks' | 'prompt' | 'whole';

export interface LabelledTokens {
  ids: number[];
  /** 1 where the token is to be predicted. Never at the first token, which nothing precedes. */
  loss: Uint8Array;
  /** The first token is a BOS. */
  hasBos: boolean;
  methods: LabelMethod[];
  /** Numbers, from 1, of messages that were to be learned and that the template does not write as they are; without loss. */
  missed: number[];
  /** Special tokens that users spelled out; they stayed words. */
  guarded: number;
}
