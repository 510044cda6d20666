// Errors of the factory room: data that a model cannot be trained on, and why.

import { PayableError } from '#lib/core/errors.ts';

/** The data cannot be used for a training run. */
export class TrainingDataError extends PayableError {
  constructor(what: string, hint: string) {
    super('factory/data', what, { hint });
  }
}

/** A recipe has a field that is not known or out of bounds. */
export class RecipeError extends PayableError {
  constructor(what: string, hint: string) {
    super('factory/recipe', what, { hint });
  }
}

/** A checkpoint is of a run that was started otherwise. */
export class RunMismatchError extends PayableError {
  constructor(run: string, what: string) {
    super('factory/run-mismatch', `The checkpoint of run ${run} was made with another ${what}.`, {
      hint: 'Go on with the same model, data and settings, or start a new run.',
    });
  }
}

/** The GPU was lost again and again. */
export class TrainingLostError extends PayableError {
  constructor(times: number, cause: unknown) {
    super('factory/training-lost', `The GPU was lost ${times} times without progress between, so the run stopped.`, {
      hint: 'The run can go on from its checkpoint. Choose smaller passes, close other programs that use the GPU, or restart the browser.',
      cause,
    });
  }
}

/** A training cannot be verified with what was given. */
export class ManifestMismatchError extends PayableError {
  constructor(what: string, hint: string) {
    super('factory/manifest-mismatch', what, { hint });
  }
}

/** No validation of an adapter had a finite loss. */
export class RunDivergedError extends PayableError {
  constructor(name: string) {
    super('factory/diverged', `The training of ${name} diverged: its validation loss was never a finite number.`, {
      hint: 'Choose a lower rate, a longer warm-up, or a clip of 1.',
    });
  }
}
