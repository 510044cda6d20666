// What a run will take, measured in two warm-up steps. They change the training: its state is restored afterwards.

import type { TrainingInfo } from '#lib/engine/training/training-host.ts';
import { tokensIn, type TrainingPlan } from '#lib/factory/training-plan.ts';
import type { TrainContext } from '../train-context.ts';
import type { TrainEstimate } from '../train-event.ts';

/** The first step compiles; the second one counts. */
export async function measureSteps(
  { engine, now }: Pick<TrainContext, 'engine' | 'now'>,
  plan: TrainingPlan,
  { gpuBytes }: TrainingInfo,
): Promise<TrainEstimate> {
  let tokensPerSecond = 0;
  for (const at of [0, Math.min(1, plan.steps - 1)]) {
    const batches = plan.batchesAt(at, new Set());
    const from = now();
    await engine.trainStep(batches, plan.settingsAt(at));
    tokensPerSecond = (1000 * tokensIn(batches)) / Math.max(0.01, now() - from);
  }
  const { steps, tokens } = plan;
  return { steps, tokens, tokensPerSecond, seconds: tokens / tokensPerSecond, gpuBytes };
}
