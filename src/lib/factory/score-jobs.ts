// Validation losses of the jobs that go on, each over its whole validation set: every token has the same weight, in short examples and in
// long ones.

import type { TrainingHost } from '#lib/engine/training/training-host.ts';
import type { Scores } from './run-progress.ts';
import type { TrainingPlan } from './training-plan.ts';

export async function scoreJobs(
  engine: Pick<TrainingHost, 'scoreExamples'>,
  plan: Pick<TrainingPlan, 'scoredBy'>,
  jobs: number,
  ended: ReadonlySet<number>,
): Promise<Scores> {
  const active = Array.from({ length: jobs }, (_, job) => job).filter((job) => !ended.has(job));
  const batches = plan.scoredBy(active);
  const scores = await engine.scoreExamples(batches);
  const scored = new Set(batches.flat().map(({ adapter }) => adapter));
  const sums = Array.from({ length: jobs }, () => ({ loss: 0, targets: 0, hits: 0 }));
  for (const [at, { adapter }] of batches.flat().entries()) {
    const { loss, targets, hits } = scores[at]!;
    const sum = sums[adapter!]!;
    sum.loss += loss;
    sum.targets += targets;
    sum.hits += hits;
  }
  return sums.map(({ loss, targets, hits }, job) =>
    ended.has(job) || !scored.has(job) ? null : { loss: loss / targets, accuracy: hits / targets },
  );
}
