// What a conversation is made of, and the three ways to ask for an answer.
// Types only: the engine's public surface has the same shapes, and this room may not look up to it.

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** `ids` are taken as they are; `text` is tokenised; `messages` go through the chat template first. */
export type Prompt = { ids: number[] } | { text: string } | { messages: ChatMessage[] };
