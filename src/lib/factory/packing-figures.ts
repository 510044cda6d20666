// What packing saves: how many rows an epoch computes, packed and padded. Counted, not estimated.

import { bucketFor, type LengthBucket } from './pack-segments.ts';
import { createTrainingSteps, type TrainingJob } from './training-steps.ts';

export interface PackingFigures {
  bins: number;
  tokens: number;
  /** Rows of all bins, padding included. */
  packedRows: number;
  /** Rows when each example has a bin of its own. */
  unpackedRows: number;
  /** Rows when each example is padded to `capacity`. */
  paddedRows: number;
  /** Share of the packed rows that hold a token, from 0 to 1. */
  efficiency: number;
}

/** Of the first epoch. */
export function packingFigures(job: TrainingJob, capacity: LengthBucket): PackingFigures {
  const { steps, stepAt } = createTrainingSteps([{ ...job, order: { ...job.order, epochs: 1 } }], capacity);
  const figures = { bins: 0, tokens: 0, packedRows: 0 };
  for (let step = 0; step < steps; step++) {
    for (const { size, used } of stepAt(step).bins) {
      figures.bins++;
      figures.tokens += used;
      figures.packedRows += size;
    }
  }
  const unpackedRows = job.examples.reduce((sum, { ids }) => sum + bucketFor(ids.length), 0);
  const efficiency = figures.packedRows === 0 ? 0 : figures.tokens / figures.packedRows;
  return { ...figures, unpackedRows, paddedRows: job.examples.length * capacity, efficiency };
}
