// The requests to sign that wait for the user's approval. One is shown at a time; the wallet is unlocked before a request is approved.

import type { ApprovalRequest } from '#lib/chain/wallet/approval.ts';
import { DeclinedError } from '#lib/chain/wallet/errors.ts';
import { Task } from './task.svelte.ts';

interface Question {
  request: ApprovalRequest;
  resolve: () => void;
  reject: (error: Error) => void;
}

export class ApprovalState {
  #questions: Question[] = $state.raw([]);
  readonly #unlocking = new Task();
  readonly #unlock: () => Promise<void>;

  constructor(unlock: () => Promise<void>) {
    this.#unlock = unlock;
  }

  get isBusy() {
    return this.#unlocking.isRunning;
  }
  get problem() {
    return this.#unlocking.problem;
  }
  get current(): ApprovalRequest | null {
    return this.#questions[0]?.request ?? null;
  }

  ask(request: ApprovalRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#questions = [...this.#questions, { request, resolve, reject }];
    });
  }

  async agree() {
    const question = this.#questions[0];
    if (!question) return;
    await this.#unlocking.start(async () => {
      await this.#unlock();
      question.resolve();
      this.#questions = this.#questions.slice(1);
    });
  }

  decline() {
    const [question, ...rest] = this.#questions;
    this.#unlocking.problem = null;
    this.#questions = rest;
    question?.reject(new DeclinedError());
  }
}
