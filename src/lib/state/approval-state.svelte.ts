// What the user is being asked to sign. Questions queue; one is shown at a time. It opens the wallet before it says yes.

import type { ApprovalRequest } from '#lib/chain/wallet/approval.ts';
import { DeclinedError } from '#lib/chain/wallet/errors.ts';
import { toProblem, type Problem } from './problem.ts';

interface Question {
  request: ApprovalRequest;
  resolve: () => void;
  reject: (error: Error) => void;
}

export class ApprovalState {
  isBusy = $state(false);
  problem: Problem | null = $state(null);
  #questions: Question[] = $state.raw([]);
  readonly #unlock: () => Promise<void>;

  constructor(unlock: () => Promise<void>) {
    this.#unlock = unlock;
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
    if (!question || this.isBusy) return;
    this.isBusy = true;
    this.problem = null;
    try {
      await this.#unlock();
      question.resolve();
      this.#questions = this.#questions.slice(1);
    } catch (error) {
      this.problem = toProblem(error);
    } finally {
      this.isBusy = false;
    }
  }

  decline() {
    const [question, ...rest] = this.#questions;
    this.problem = null;
    this.#questions = rest;
    question?.reject(new DeclinedError());
  }
}
