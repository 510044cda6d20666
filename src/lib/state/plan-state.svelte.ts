// One plan of transactions: builds and simulates it, shows its meaning and fee, sends it, and holds the outcome.

import type { Hash } from 'viem';
import { previewStep, type ActionPlan, type Preview } from '#lib/chain/tx/plan.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import { isRejection } from '#lib/chain/tx/errors.ts';
import type { TxStatus } from '#lib/chain/tx/record.ts';
import { joinSteps } from '#lib/chain/tx/batch.ts';
import type { WalletState } from './wallet.svelte.ts';
import { toProblem, type Problem } from './problem.ts';

export type BuildPlan = (context: ChainContext) => Promise<ActionPlan>;
/** Prepares what transactions refer to, such as files, before they are sent. Returns a function that undoes it. */
export type Prepare = () => Promise<() => Promise<void>>;

/** The transaction cannot be on the chain. */
const NOT_SENT: readonly TxStatus[] = ['idle', 'simulating', 'simulation-failed', 'rejected', 'not-sent'];
const DECLINED = 'You declined to sign, so nothing was sent.';

export class PlanState {
  /** A plan that was simulated and can be sent. */
  checked: { plan: ActionPlan; preview: Preview } | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  isChecking = $state(false);
  isPreparing = $state(false);
  outcome = $state('');
  readonly #wallet: WalletState;
  #round = 0;

  constructor(wallet: WalletState) {
    this.#wallet = wallet;
  }

  get isBusy(): boolean {
    return this.isChecking || this.isPreparing || this.#wallet.busy !== null;
  }

  /** Call it when the input has changed. */
  clear() {
    this.#round++;
    this.isChecking = false;
    this.checked = null;
    this.problem = null;
    this.outcome = '';
  }

  async check(build: BuildPlan) {
    this.clear();
    const round = this.#round;
    this.isChecking = true;
    try {
      const context = this.#wallet.context();
      const plan = await joinSteps(context, await build(context));
      const preview = await previewStep(context, plan.from, plan.steps[0]);
      if (round === this.#round) this.checked = { plan, preview };
    } catch (error) {
      if (round !== this.#round) return;
      if (isRejection(error)) this.outcome = DECLINED;
      else this.problem = toProblem(error);
    } finally {
      if (round === this.#round) this.isChecking = false;
    }
  }

  /** Sends the checked plan; the hash of its last transaction when all of its steps succeeded, else null. */
  async send(prepare?: Prepare): Promise<Hash | null> {
    if (!this.checked) return null;
    const { plan } = this.checked;
    const { steps } = plan;
    const undo = await this.#prepare(prepare);
    if (undo === null) return null;
    let done = 0;
    let hash: Hash | null = null;
    let last: TxStatus = 'idle';
    await this.#wallet.run(plan, ({ state }) => {
      last = state.status;
      if (state.status === 'rejected') this.outcome = done > 0 ? 'You declined to sign the next step.' : DECLINED;
      else if (state.status === 'safe') {
        done++;
        hash = state.hash;
        this.outcome =
          done < steps.length
            ? `Step ${done} of ${steps.length} is done, in block ${state.blockNumber}.`
            : `Done, in block ${state.blockNumber}: ${plan.steps.at(-1)!.explanation}.`;
      } else if ('failure' in state) {
        this.problem = { message: state.failure.message };
      }
    });
    const isDone = done === steps.length;
    // After a failure or a partial success the plan must be checked again; a declined signature changes nothing.
    if (isDone || this.problem || done > 0) this.checked = null;
    if (done === 0 && NOT_SENT.includes(last)) await this.#trying(undo);
    return isDone ? hash : null;
  }

  /** Returns the undo function; null when preparing failed, and then nothing is sent. */
  async #prepare(prepare: Prepare = async () => async () => undefined): Promise<(() => Promise<void>) | null> {
    this.outcome = '';
    this.problem = null;
    this.isPreparing = true;
    const undo = await this.#trying(prepare);
    this.isPreparing = false;
    return undo;
  }
  async #trying<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (isRejection(error)) this.outcome = DECLINED;
      else this.problem = toProblem(error);
      return null;
    }
  }
}
