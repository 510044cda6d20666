// Base and adapters side by side: the same question with the same seed, one answer after the other. The model is loaded for the first question.

import type { ModelInfo, Runtime } from '#lib/engine/engine.ts';
import type { FactoryRun } from './factory-run.ts';
import { Task } from './task.svelte.ts';

/** The base of a run with its adapters loaded, and how to free it. */
export interface OpenAdapters {
  engine: Pick<Runtime, 'generate'>;
  adapters: { id: string; name: string }[];
  model: Pick<ModelInfo, 'hasChatTemplate'>;
  close(): void;
}

export interface ComparedAnswer {
  name: string;
  text: string;
  isWriting: boolean;
}

const MAX_TOKENS = 128;

export class FactoryAnswers {
  readonly task = new Task();
  seed = $state(1);
  /** Of the newest question. */
  asked: { question: string; answers: ComparedAnswer[] } | null = $state.raw(null);
  isLoading = $state(false);
  readonly #open: (run: FactoryRun, signal: AbortSignal) => Promise<OpenAdapters>;
  #opened: OpenAdapters | null = null;

  constructor(open: (run: FactoryRun, signal: AbortSignal) => Promise<OpenAdapters>) {
    this.#open = open;
  }

  async ask(run: FactoryRun, question: string): Promise<void> {
    const { seed } = this;
    await this.task.restart(async (signal) => {
      this.asked = { question, answers: [] };
      this.isLoading = this.#opened === null;
      try {
        this.#opened ??= await this.#open(run, signal);
      } finally {
        this.isLoading = false;
      }
      const { engine, adapters, model } = this.#opened;
      const prompt = model.hasChatTemplate ? { messages: [{ role: 'user', content: question }] } : { text: question };
      for (const adapter of [null, ...adapters]) {
        const name = adapter?.name ?? `${run.base.name} alone`;
        const uses = adapter ? [{ id: adapter.id, weight: 1 }] : [];
        const request = { prompt, adapters: uses, maxTokens: MAX_TOKENS, sampling: { temperature: 0, seed } };
        this.#show({ name, text: '', isWriting: true });
        for await (const event of engine.generate(request, signal)) {
          signal.throwIfAborted();
          if (event.type === 'token') this.#show({ name, text: this.#textOf(name) + event.text, isWriting: true });
          if (event.type === 'done') this.#show({ name, text: event.text, isWriting: false });
        }
      }
    });
  }

  /** Frees the model. */
  close() {
    this.task.stop();
    this.#opened?.close();
    this.#opened = null;
  }

  #textOf = (name: string) => this.asked?.answers.find((one) => one.name === name)?.text ?? '';

  #show(answer: ComparedAnswer) {
    const { question, answers } = this.asked!;
    const others = answers.filter(({ name }) => name !== answer.name);
    this.asked = { question, answers: [...others, answer] };
  }
}
