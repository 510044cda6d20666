// A conversation as it is kept: what was asked, what was answered, by what, and the figures measured then.

/** What was measured while an answer was written. */
export interface Timings {
  promptTokens: number;
  /** Prompt tokens whose state was still there from before. */
  cachedTokens: number;
  newTokens: number;
  firstTokenMs: number;
  /** From the first token to the last. */
  decodeMs: number;
}

/** An adapter as it was used; the name is kept because the adapter itself may be gone later. */
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
  /** The text that the model read, by its own chat template; null where it was too long to keep. */
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
