// Errors of the factory room: data that a model cannot be trained on, and why.

import { PayableError } from '#lib/core/errors.ts';

/** The data cannot be used for a training run. */
export class TrainingDataError extends PayableError {
  constructor(what: string, hint: string) {
    super('factory/data', what, { hint });
  }
}
