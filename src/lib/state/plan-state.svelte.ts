// One intent on its way: what would happen and what it costs, then the doing, and what became of it.

import { previewStep, type ActionPlan, type Preview } from '#lib/chain/actions/plan.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import { joinSteps } from '#lib/chain/tx/batch.ts';
import { chainProblem } from './chain-problem.ts';
import type { Problem } from './model-state.svelte.ts';
import type { WalletState } from './wallet.svelte.ts';

export type BuildPlan = (context: ChainContext) => Promise<ActionPlan>;

export class PlanState {
  /** What was looked at and may be sent as it is. */
  checked: { plan: ActionPlan; preview: Preview } | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  isChecking = $state(false);
  outcome = $state('');
  readonly #wallet: WalletState;
  #round = 0;

  constructor(wallet: WalletState) {
    this.#wallet = wallet;
  }

  get isBusy(): boolean {
    return this.isChecking || this.#wallet.busy !== null;
  }

  /** What was asked for has changed. */
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
      if (round === this.#round) this.problem = chainProblem(error);
    } finally {
      if (round === this.#round) this.isChecking = false;
    }
  }

  /** Carries out what was checked; true when all of it is done. */
  async send(): Promise<boolean> {
    if (!this.checked) return false;
    const { steps } = this.checked.plan;
    let done = 0;
    await this.#wallet.run(this.checked.plan, ({ state }) => {
      if (state.status === 'safe') {
        done++;
        this.outcome =
          done < steps.length
            ? `Step ${done} of ${steps.length} is done, in block ${state.blockNumber}.`
            : `Done, in block ${state.blockNumber}.`;
      } else if ('failure' in state) {
        this.problem = { message: state.failure.message };
      }
    });
    const isDone = done === steps.length;
    // After a failure or a half everything has to be looked at again; a refusal leaves it as it was.
    if (isDone || this.problem || done > 0) this.checked = null;
    return isDone;
  }
}
