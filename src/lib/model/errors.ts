// Errors of the model room: a config, tokenizer or prompt that this product cannot use, and why. Each message names the file and
// field.

import { PayableError, type ErrorDetails } from '#lib/core/errors.ts';

/** config.json contains an invalid or contradictory value. */
export class ConfigError extends PayableError {
  constructor(file: string, field: string, what: string) {
    super('model/config', `${file}: field "${field}" ${what}.`, {
      hint: 'Check that this is the config.json of the model.',
    });
  }
}

/** The model is valid, but this product does not implement its computation. */
export class UnsupportedModelError extends PayableError {
  constructor(file: string, field: string, what: string, hint: string) {
    super('model/unsupported', `${file}: field "${field}" ${what}.`, { hint });
  }
}

/** Hint for a folder quantised by MLX. */
export const MLX_HINT =
  'MLX quantised this folder. Use the checkpoint that it was made from, or undo it: mlx_lm.convert --dequantize.';

/** Weights and config.json contradict each other. */
export class WeightsMismatchError extends PayableError {
  constructor(
    model: string,
    what: string,
    hint = 'config.json and the weights belong to different models; fetch both again.',
  ) {
    super('model/weights-mismatch', `${model}: ${what}.`, { hint });
  }
}

/** A tokenizer file is unusable, or the model has none. */
export class TokenizerError extends PayableError {
  constructor(model: string, what: string, details: ErrorDetails = {}) {
    super('model/tokenizer', `${model}: ${what}.`, details);
  }
}

/** Messages cannot be turned into a prompt. */
export class ChatTemplateError extends PayableError {
  constructor(model: string, what: string, details: ErrorDetails = {}) {
    // A template's own message may already end in a punctuation mark.
    super('model/chat-template', `${model}: ${what}${/[.!?]$/.test(what) ? '' : '.'}`, details);
  }
}

/** A request asks the text side for something it cannot do. */
export class PromptError extends PayableError {
  constructor(what: string, hint: string) {
    super('model/prompt', what, { hint });
  }
}
