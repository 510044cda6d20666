// What a caller may ask of a training: sizes, adapters, batches and settings from outside, refused in words before anything is computed.

import { TrainingDataError, TrainingRequestError } from './errors.ts';
import type { ScoredExample, StepSettings, TrainingRequest } from './training-host.ts';

const MOST_ADAPTERS = 64;
const MOST_ROWS = 1 << 16;

/** @throws TrainingRequestError */
export function checkRequest({ adapters, ...sizes }: TrainingRequest): void {
  if (adapters.length === 0 || adapters.length > MOST_ADAPTERS) {
    throw new TrainingRequestError(
      `A training of ${adapters.length} adapters is not possible.`,
      `Train 1 to ${MOST_ADAPTERS} at once.`,
    );
  }
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isInteger(size) && size >= 1 && size <= MOST_ROWS) continue;
    throw new TrainingRequestError(
      `The size "${name}" of a training is ${size}.`,
      `Choose a whole number from 1 to ${MOST_ROWS}.`,
    );
  }
}

/** Whether each batch fits a pass. @throws TrainingDataError */
export function checkBatches(
  batches: readonly (readonly Pick<ScoredExample, 'ids'>[])[],
  { rows, segments, length }: Pick<TrainingRequest, 'rows' | 'segments' | 'length'>,
): void {
  if (batches.flat().length === 0) throw new TrainingDataError('There is no example.', 'Give at least one.');
  batches.forEach((batch, i) => {
    const tokens = batch.reduce((sum, { ids }) => sum + ids.length, 0);
    const longest = Math.max(0, ...batch.map(({ ids }) => ids.length));
    const wrong =
      batch.length === 0 || batch.length > segments
        ? `has ${batch.length} examples, and the training was opened for 1 to ${segments}`
        : tokens > rows
          ? `has ${tokens} tokens, and the training was opened for ${rows}`
          : longest > length
            ? `has an example of ${longest} tokens, and the training was opened for ${length}`
            : null;
    if (wrong)
      throw new TrainingDataError(`Batch ${i + 1} ${wrong}.`, 'Make batches smaller, or open a larger training.');
  });
}

/** @throws TrainingRequestError */
export function checkSettings(settings: readonly StepSettings[], adapters: number): void {
  if (settings.length !== adapters) {
    throw new TrainingRequestError(
      `There are settings for ${settings.length} adapters, and ${adapters} are trained.`,
      'Give one for each adapter, in the order in which they were opened.',
    );
  }
  const isShare = (value: number) => value >= 0 && value < 1;
  const isFinite = (value: number) => Number.isFinite(value) && value >= 0;
  settings.forEach(({ rate, betas, epsilon, weightDecay, clip }, i) => {
    const wrong = !isFinite(rate)
      ? `its rate is ${rate}`
      : !betas.every(isShare)
        ? `its betas are ${betas.join(' and ')}`
        : !isFinite(epsilon) || epsilon === 0
          ? `its epsilon is ${epsilon}`
          : !isFinite(weightDecay)
            ? `its weight decay is ${weightDecay}`
            : !isFinite(clip)
              ? `its clip is ${clip}`
              : null;
    if (!wrong) return;
    throw new TrainingRequestError(
      `The settings of adapter ${i + 1} cannot be used: ${wrong}.`,
      'Rates, decay and clip are 0 or more, epsilon is above 0, and betas are from 0 to below 1.',
    );
  });
}
