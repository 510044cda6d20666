// Answers one question: keeps the question, has the engine write the answer, and keeps that with its figures.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { Answer, Conversation, UsedAdapter } from '#lib/db/conversation.ts';
import type { Conversations } from '#lib/db/conversations.ts';
import type { Runtime, SamplingSettings } from '#lib/engine/engine.ts';
import type { ChatMessage } from '#lib/model/chat-message.ts';

export interface ChatContext {
  engine: Pick<Runtime, 'generate'>;
  conversations: Conversations;
  /** Milliseconds since 1970. */
  now(): number;
  newId(): string;
}

export interface ChatInput {
  /** Ends with the question to answer. */
  conversation: Conversation;
  model: string;
  adapters: UsedAdapter[];
  system: string;
  maxTokens: number;
  sampling: SamplingSettings;
  stop: string[];
}

export type ChatEvent =
  | { type: 'asked'; conversation: Conversation; answer: Answer }
  | { type: 'reading'; promptTokens: number; cachedTokens: number }
  | { type: 'text'; text: string }
  | { type: 'answered'; conversation: Conversation; answer: Answer }
  /** Storing failed; the conversation continues without it. */
  | { type: 'not-kept'; error: PayableError };

/**
 * An answer ends as finished, stopped or failed. A failure is recorded in the answer, beside the text written so far.
 *
 * @example
 * import { chat } from '#lib/flows/chat.ts';
 *
 * const settings = { system: 'Answer in one sentence.', maxTokens: 256, sampling: { temperature: 0.7 }, stop: [] };
 * const input = { conversation, model: model.name, adapters: [{ id: adapter.id, name: adapter.name, weight: 1 }] };
 * for await (const event of chat(chatContext, { ...input, ...settings }, { signal })) {
 *   if (event.type === 'text') show(event.text);
 * }
 */
export async function* chat(
  context: ChatContext,
  input: ChatInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<ChatEvent, void, void> {
  const { engine, now } = context;
  const { model, adapters } = input;
  let answer: Answer = { id: context.newId(), role: 'assistant', content: '', model, adapters, state: 'writing' };
  const asked = { ...input.conversation, updatedAt: now() };

  const keep = async (conversation: Conversation): Promise<ChatEvent[]> => {
    try {
      await context.conversations.put(conversation);
      return [];
    } catch (error) {
      if (!(error instanceof PayableError)) throw error;
      return [{ type: 'not-kept', error }];
    }
  };

  yield { type: 'asked', conversation: asked, answer };
  yield* await keep({ ...asked, messages: [...asked.messages, answer] });

  try {
    const request = {
      prompt: { messages: toPrompt(input) },
      adapters: adapters.map(({ id, weight }) => ({ id, weight })),
      maxTokens: input.maxTokens,
      sampling: input.sampling,
      stop: input.stop,
      keep: true,
      // An adapter that begins at an invocation answers because it was chosen: the prompt ends with it.
      invoke: true,
    };
    for await (const event of engine.generate(request, signal)) {
      if (event.type === 'start') {
        answer = { ...answer, ...keptPrompt(event.prompt) };
        yield { type: 'reading', promptTokens: event.promptTokens, cachedTokens: event.cachedTokens };
      } else if (event.type === 'token') {
        answer = { ...answer, content: answer.content + event.text };
        if (event.text) yield { type: 'text', text: event.text };
      } else {
        answer = { ...answer, content: event.text, state: event.finish, timings: event.timings };
      }
    }
  } catch (error) {
    answer = error instanceof AbortedError ? { ...answer, state: 'cancelled' } : { ...answer, ...describe(error) };
  }
  const answered = { ...asked, updatedAt: now(), messages: [...asked.messages, answer] };
  yield* await keep(answered);
  yield { type: 'answered', conversation: answered, answer };
}

/** Each answer keeps its whole prompt, so the prompts of a long conversation would soon outweigh its messages. */
const MAX_KEPT_PROMPT = 64 << 10;

const keptPrompt = (prompt: string | null): Pick<Answer, 'prompt'> =>
  prompt === null ? {} : { prompt: prompt.length <= MAX_KEPT_PROMPT ? prompt : null };

function toPrompt({ system, conversation }: ChatInput): ChatMessage[] {
  const turns = conversation.messages
    .filter(({ role, content }) => role === 'user' || content !== '')
    .map(({ role, content }): ChatMessage => ({ role, content }));
  return system.trim() ? [{ role: 'system', content: system.trim() }, ...turns] : turns;
}

function describe(error: unknown): Pick<Answer, 'state' | 'problem'> {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof PayableError ? error.hint : undefined;
  return { state: 'failed', problem: hint ? { message, hint } : { message } };
}
