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
