// Opens the training again after the GPU was lost, with the state in memory.

import { PayableError } from '#lib/core/errors.ts';
import { TrainingLostError } from '#lib/factory/errors.ts';
import type { LiveRun } from './live-run.ts';
import { openTraining } from './open-run.ts';
import type { Story } from './prepare-run.ts';

/** Losses of the GPU without progress between. */
const MAX_LOSSES = 3;

/** @throws `error` when it is another failure, TrainingLostError */
export async function* recoverRun(live: LiveRun, error: unknown): Story {
  for (let cause = error; ;) {
    if (!(cause instanceof PayableError && cause.code === 'webgpu/lost')) throw cause;
    if (++live.losses > MAX_LOSSES) throw new TrainingLostError(MAX_LOSSES, cause);
    try {
      await openTraining(live, live);
      await live.context.engine.restoreTraining(live.last.state);
      break;
    } catch (next) {
      cause = next;
    }
  }
  live.rewind();
  yield { type: 'resumed', step: live.progress.step };
}
