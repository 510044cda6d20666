// What is on its way to Datanets, as pages show it: each contribution and how far it has come, and the sending of what waits. One
// tab of the browser sends at a time.

import { AbortedError } from '#lib/core/errors.ts';
import type { Outbox, OutboxRecord } from '#lib/db/outbox.ts';
import { sendOutbox, type OutboxContext } from '#lib/flows/send-outbox.ts';
import { toProblem, type Problem } from './problem.ts';

export interface OutboxNeeds {
  outbox: Outbox;
  context(): Promise<OutboxContext>;
  /** Does `work` while no other tab does the like. */
  inTurn(work: () => Promise<void>): Promise<void>;
}

export class OutboxState {
  records: readonly OutboxRecord[] = $state.raw([]);
  isSending = $state(false);
  problem: Problem | null = $state.raw(null);
  readonly #needs: OutboxNeeds;
  #ending = new AbortController();

  constructor(needs: OutboxNeeds) {
    this.#needs = needs;
    needs.outbox.watch(
      (all) => (this.records = all),
      (error) => (this.problem = toProblem(error)),
    );
  }

  /** Those that are not at their end, on `chainId`. */
  waiting(chainId: number): OutboxRecord[] {
    return this.records.filter((record) => record.chainId === chainId && record.stage !== 'done');
  }

  /** Carries on what waits. The wallet may be asked. */
  async send(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    this.problem = null;
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    try {
      await this.#needs.inTurn(async () => {
        for await (const _moved of sendOutbox(await this.#needs.context(), { signal }));
      });
    } catch (error) {
      if (!(error instanceof AbortedError)) this.problem = toProblem(error);
    } finally {
      this.isSending = false;
    }
  }

  stop() {
    this.#ending.abort();
  }

  /** Forgets a record; what was brought to pinners or the chain stays there. */
  async remove(id: string): Promise<void> {
    try {
      await this.#needs.outbox.remove(id);
    } catch (error) {
      this.problem = toProblem(error);
    }
  }
}
