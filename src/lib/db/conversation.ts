// A stored conversation: questions, answers, the model and adapters that wrote them, and the figures measured then.

/** Measured while an answer was written. */
export interface Timings {
  promptTokens: number;
  /** Prompt tokens whose keys and values were still cached. */
  cachedTokens: number;
  newTokens: number;
  firstTokenMs: number;
  /** From the first token to the last. */
  decodeMs: number;
}

/** An adapter as it was applied; the name is stored because the adapter may be gone later. */
export interface UsedAdapter {
  id: string;
  name: string;
  weight: number;
}

export interface Question {
  id: string;
  role: 'user';
  content: string;
}

export interface Answer {
  id: string;
  role: 'assistant';
  content: string;
  model: string;
  adapters: UsedAdapter[];
  /** `writing` while it streams; `lost` when the page closed before it was done. */
  state: 'writing' | 'stop' | 'length' | 'cancelled' | 'failed' | 'lost';
  timings?: Timings;
  /** The prompt, rendered by the chat template of the model; null where it was too long to store. */
  prompt?: string | null;
  problem?: { message: string; hint?: string };
}

export type Message = Question | Answer;

export interface Conversation {
  id: string;
  title: string;
  createdAt: number;
  updatedAt: number;
  messages: Message[];
}
