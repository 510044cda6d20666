// The conversations and the one on screen: asking, answering, stopping, editing. Folds the events of `flows/chat`.

import type { Answer, Conversation, Message } from '#lib/db/conversation.ts';
import type { Conversations } from '#lib/db/conversations.ts';
import type { Runtime } from '#lib/engine/engine.ts';
import { chat, type ChatInput } from '#lib/flows/chat.ts';
import { toProblem, type Problem } from './problem.ts';

export interface ChatDependencies {
  conversations: Conversations;
  now(): number;
  newId(): string;
}

/** What an answer depends on besides the conversation. */
export type AskOptions = Omit<ChatInput, 'conversation'> & { engine: Pick<Runtime, 'generate'> };

const TITLE_LENGTH = 60;

export class ChatState {
  all: Conversation[] = $state.raw([]);
  /** True once the kept conversations are read. */
  isRead = $state(false);
  current: Conversation | null = $state.raw(null);
  /** The question being written. */
  draft = $state('');
  /** The answer being written, shown after the conversation's messages. */
  writing: Answer | null = $state.raw(null);
  /** For screen readers: that an answer begins, then the whole answer, not every token. */
  announcement = $state('');
  storageProblem: Problem | null = $state(null);
  removed: Conversation | null = $state.raw(null);
  /** A repeated answer that came out the same: its id, and how it was sampled. */
  repeated: { id: string; sampling: AskOptions['sampling'] } | null = $state.raw(null);

  readonly #needs: ChatDependencies;
  readonly #unwatch: () => void;
  #running: AbortController | null = null;

  constructor(needs: ChatDependencies) {
    this.#needs = needs;
    this.#unwatch = needs.conversations.watch(
      (all) => {
        this.all = all;
        this.isRead = true;
      },
      (error) => this.#cannotKeep(error),
    );
  }

  get messages(): Message[] {
    const kept = this.current?.messages ?? [];
    return this.writing ? [...kept, this.writing] : kept;
  }

  get isWriting(): boolean {
    return this.writing !== null;
  }

  close() {
    this.stop();
    this.#unwatch();
  }

  startNew() {
    this.removed = null;
    this.#leave();
    this.current = null;
  }

  async select(id: string) {
    if (this.current?.id === id) return;
    this.removed = null;
    this.#leave();
    try {
      const conversation = await this.#needs.conversations.get(id);
      this.current = conversation ? markLost(conversation) : null;
    } catch (error) {
      this.#cannotKeep(error);
    }
  }

  async ask(question: string, options: AskOptions) {
    const content = question.trim();
    if (content === '' || this.isWriting) return;
    this.removed = null;
    const message: Message = { id: this.#needs.newId(), role: 'user', content };
    const current = this.current ?? this.#blank(content);
    await this.#answer({ ...current, messages: [...current.messages, message] }, options);
  }

  /** Answers the last question again, with the current adapters and settings. */
  async regenerate(options: AskOptions) {
    if (!this.current || this.isWriting) return;
    const messages = this.current.messages.slice(
      0,
      this.current.messages.findLastIndex(({ role }) => role === 'user') + 1,
    );
    const before = this.current.messages.at(-1);
    if (messages.length === 0) return;
    await this.#answer({ ...this.current, messages }, options);
    const after = this.current.messages.at(-1);
    if (before?.role === 'assistant' && after?.role === 'assistant' && isSame(before, after))
      this.repeated = { id: after.id, sampling: options.sampling };
  }

  /** Replaces a question and removes all messages after it. */
  async edit(id: string, question: string, options: AskOptions) {
    const content = question.trim();
    const at = this.current?.messages.findIndex((message) => message.id === id) ?? -1;
    if (!this.current || at < 0 || content === '' || this.isWriting) return;
    const messages: Message[] = [...this.current.messages.slice(0, at), { id, role: 'user', content }];
    await this.#answer({ ...this.current, messages }, options);
  }

  stop() {
    this.#running?.abort();
  }

  async rename(conversation: Conversation, title: string) {
    const trimmed = title.trim();
    if (trimmed === '') return;
    await this.#keep({ ...conversation, title: trimmed });
  }

  async remove(conversation: Conversation) {
    if (this.current?.id === conversation.id) this.startNew();
    try {
      await this.#needs.conversations.remove(conversation.id);
      this.removed = conversation;
    } catch (error) {
      this.#cannotKeep(error);
    }
  }

  async undoRemove() {
    if (!this.removed) return;
    const conversation = this.removed;
    this.removed = null;
    await this.#keep(conversation);
  }

  forgetRemoved() {
    this.removed = null;
  }

  /** Stops the answer being written, which is kept but no longer shown. */
  #leave() {
    this.stop();
    this.#running = null;
    this.writing = null;
  }

  #blank(question: string): Conversation {
    const now = this.#needs.now();
    const line = question.replace(/\s+/g, ' ');
    const title = line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : line;
    return { id: this.#needs.newId(), title, createdAt: now, updatedAt: now, messages: [] };
  }

  async #answer(conversation: Conversation, { engine, ...input }: AskOptions) {
    const running = new AbortController();
    this.#running = running;
    const isShown = () => this.#running === running && this.current?.id === conversation.id;
    this.current = conversation;
    const context = { ...this.#needs, engine };
    for await (const event of chat(context, { ...input, conversation }, running)) {
      switch (event.type) {
        case 'asked':
          if (!isShown()) break;
          this.current = event.conversation;
          this.writing = event.answer;
          this.announcement = `${input.model} is answering.`;
          break;
        case 'reading':
          break;
        case 'text':
          if (isShown() && this.writing) this.writing = { ...this.writing, content: this.writing.content + event.text };
          break;
        case 'answered':
          if (isShown()) {
            this.current = event.conversation;
            this.writing = null;
            this.announcement = event.answer.problem?.message ?? `${input.model} answered: ${event.answer.content}`;
          }
          break;
        case 'not-kept':
          this.#cannotKeep(event.error);
          break;
      }
    }
    if (this.#running === running) {
      this.#running = null;
      this.writing = null;
    }
  }

  async #keep(conversation: Conversation) {
    try {
      await this.#needs.conversations.put(conversation);
      if (this.current?.id === conversation.id) this.current = conversation;
    } catch (error) {
      this.#cannotKeep(error);
    }
  }

  #cannotKeep(error: unknown) {
    this.isRead = true;
    this.storageProblem = toProblem(error);
  }
}

const isSame = (a: Answer, b: Answer): boolean =>
  a.content === b.content &&
  a.content !== '' &&
  b.state !== 'cancelled' &&
  JSON.stringify(a.adapters) === JSON.stringify(b.adapters);

/** An answer that was being written when its page closed is never finished. */
function markLost(conversation: Conversation): Conversation {
  const messages = conversation.messages.map((message): Message =>
    message.role === 'assistant' && message.state === 'writing' ? { ...message, state: 'lost' } : message,
  );
  return { ...conversation, messages };
}
