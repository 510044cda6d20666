// Which base models can be trained here: each is read as far as its configuration and the headers of its weights.

import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Folder } from '#lib/core/folder.ts';
import { judgeFit, type FitVerdict } from '#lib/engine/judge-fit.ts';
import { predictLoad, readModelPlan } from '#lib/engine/predict-load.ts';
import { checkTrainableModel } from '#lib/engine/training/check-trainable.ts';
import type { FactoryBase } from './factory-run.ts';
import type { DeviceLimits } from './model-check.svelte.ts';
import { toProblem } from './problem.ts';
import { Task } from './task.svelte.ts';

export interface FactoryBaseChoice {
  base: FactoryBase;
  dtype: WeightDtype;
  family: string | null;
  /** Whether the model alone fits; null where that could not be found out. */
  fit: FitVerdict | null;
  /** Why it cannot be trained. */
  refused: string | null;
}

export interface FactoryBasesNeeds {
  openBase(base: FactoryBase, signal: AbortSignal): Promise<Folder>;
  limits(): Promise<DeviceLimits>;
}

export class FactoryBases {
  /** In the order in which they were given; null until the first is read. */
  all: readonly FactoryBaseChoice[] | null = $state.raw(null);
  readonly #needs: FactoryBasesNeeds;
  readonly #task = new Task();

  constructor(needs: FactoryBasesNeeds) {
    this.#needs = needs;
  }

  get isReading() {
    return this.#task.isRunning;
  }

  async load(candidates: readonly { base: FactoryBase; dtype: WeightDtype }[]): Promise<void> {
    await this.#task.restart(async (signal) => {
      const all: FactoryBaseChoice[] = [];
      for (const candidate of candidates) {
        const choice = await this.#read(candidate, signal);
        signal.throwIfAborted();
        all.push(choice);
        this.all = [...all];
      }
      this.all = all;
    });
  }

  stop() {
    this.#task.stop();
  }

  async #read(
    { base, dtype }: { base: FactoryBase; dtype: WeightDtype },
    signal: AbortSignal,
  ): Promise<FactoryBaseChoice> {
    const known = { base, dtype, family: null, fit: null };
    try {
      const limits = await this.#needs.limits();
      const plan = await readModelPlan(await this.#needs.openBase(base, signal), signal);
      const { family } = plan.architecture;
      try {
        checkTrainableModel(plan.architecture);
      } catch (error) {
        return { ...known, family, refused: toProblem(error).message };
      }
      return { ...known, family, fit: judgeFit(await predictLoad(plan, { dtype }, limits), limits), refused: null };
    } catch (error) {
      return { ...known, refused: toProblem(error).message };
    }
  }
}
