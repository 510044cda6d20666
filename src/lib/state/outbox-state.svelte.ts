// The outbox as pages show it: each contribution and how far it is, and sending those that wait. Only one tab of the browser sends at
// a time.

import type { Outbox, OutboxRecord } from '#lib/db/outbox.ts';
import { sendOutbox, type OutboxContext, type OutboxEvent } from '#lib/flows/send-outbox.ts';
import { toProblem } from './problem.ts';
import { Task } from './task.svelte.ts';

export interface OutboxNeeds {
  outbox: Outbox;
  context(): Promise<OutboxContext>;
  /** Runs `work` once no other tab runs such work. */
  inTurn(work: () => Promise<void>): Promise<void>;
}

export class OutboxState {
  records: readonly OutboxRecord[] = $state.raw([]);
  uploading: Extract<OutboxEvent, { type: 'uploading' }> | null = $state.raw(null);
  readonly #needs: OutboxNeeds;
  readonly #sending = new Task();

  constructor(needs: OutboxNeeds) {
    this.#needs = needs;
    needs.outbox.watch(
      (all) => (this.records = all),
      (error) => (this.#sending.problem = toProblem(error)),
    );
  }

  get isSending() {
    return this.#sending.isRunning;
  }
  get problem() {
    return this.#sending.problem;
  }

  /** Those on `chainId` that are not on the chain yet. */
  waiting(chainId: number): OutboxRecord[] {
    return this.records.filter((record) => record.chainId === chainId && record.stage !== 'done');
  }

  /** Sends what waits. The wallet may be asked. */
  async send(): Promise<void> {
    await this.#sending.start((signal) =>
      this.#needs.inTurn(async () => {
        for await (const event of sendOutbox(await this.#needs.context(), { signal })) {
          this.uploading = event.type === 'uploading' ? event : null;
        }
      }),
    );
    if (!this.isSending) this.uploading = null;
  }

  stop() {
    this.#sending.stop();
  }

  /** Deletes a record; pinners and the chain keep what was sent to them. */
  async remove(id: string): Promise<void> {
    try {
      await this.#needs.outbox.remove(id);
    } catch (error) {
      this.#sending.problem = toProblem(error);
    }
  }
}
