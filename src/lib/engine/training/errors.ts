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

/** Adapters, sizes or settings that no training can have. */
export class TrainingRequestError extends PayableError {
  constructor(message: string, hint: string) {
    super('training/request', message, { hint });
  }
}

/** The bytes are not a state of this training. */
export class TrainingStateError extends PayableError {
  constructor(message: string, hint: string, cause?: unknown) {
    super('training/state', message, { hint, cause });
  }
}

export class NoTrainingError extends PayableError {
  constructor() {
    super('training/closed', 'No training is open.', { hint: 'Open one first; loading a model closes it.' });
  }
}
