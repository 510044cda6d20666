// What the trainer refuses, in words.

import { PayableError } from '#lib/core/errors.ts';

/** A model or an adapter that has no backward pass. */
export class TrainingUnsupportedError extends PayableError {
  constructor(message: string, hint: string) {
    super('training/unsupported', message, { hint });
  }
}

/** Examples that cannot be trained on. */
export class TrainingDataError extends PayableError {
  constructor(message: string, hint: string) {
    super('training/data', message, { hint });
  }
}
