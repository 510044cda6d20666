// What the engine refuses or cannot do, in words.

import { PayableError } from '#lib/core/errors.ts';

/** A request that cannot be run as asked. */
export class RequestError extends PayableError {
  constructor(message: string, hint: string) {
    super('engine/request', message, { hint });
  }
}

export class NoModelError extends PayableError {
  constructor() {
    super('engine/no-model', 'No model is loaded.', { hint: 'Load a model first.' });
  }
}

export class UnknownAdapterError extends PayableError {
  constructor(id: string) {
    super('engine/unknown-adapter', `No adapter with id ${id.slice(0, 12)} is loaded.`, {
      hint: 'Load its PEFT folder first.',
    });
  }
}

/** Stored files are not what their hashes say. */
export class ModelChangedError extends PayableError {
  constructor(name: string) {
    super('engine/model-changed', `The files of ${name} on this device are damaged.`, {
      hint: 'Load the model again; damaged files are fetched again.',
    });
  }
}

/** The adapter's files are not those it was registered with. */
export class AdapterChangedError extends PayableError {
  constructor(name: string) {
    super('engine/adapter-changed', `The files of adapter ${name} changed since it was loaded.`, {
      hint: 'Load the folder again; it is another adapter now.',
    });
  }
}

/** Logits came out as NaN or infinity; nothing sampled from them would mean anything. */
export class BrokenLogitsError extends PayableError {
  constructor(model: string) {
    super('engine/broken-logits', `${model} produced values that are not finite.`, {
      hint: 'Load it in another weight format (f32 or f16); if it stays, the weights or the graphics driver are broken.',
    });
  }
}

/** The device failed and its model could not be loaded again. */
export class RebuildError extends PayableError {
  constructor(reason: string, cause: unknown) {
    super('engine/rebuild', `The GPU failed and the model could not be loaded again: ${reason}`, {
      hint: 'Load the model again, in a smaller weight format or with a shorter context; restart the browser if the GPU stays away.',
      cause,
    });
  }
}

/** The known-answer test of this device failed. */
export class SelfTestError extends PayableError {
  constructor(device: string, kernel: string, detail: string) {
    super('engine/self-test', `The GPU (${device}) computes ${kernel} wrongly: ${detail}.`, {
      hint: 'Update the graphics driver or the browser, or choose another GPU.',
    });
  }
}

/** The runtime in use cannot do this; the same model on the product's own engine can. */
export class MissingCapabilityError extends PayableError {
  constructor(runtime: string, capability: keyof typeof LACKING) {
    super('engine/no-capability', `${runtime} ${LACKING[capability]}.`, {
      hint: "Open the same model on Payable's own engine, which does.",
    });
  }
}

const LACKING = {
  adapters: 'applies no adapters',
  logits: 'gives no logits and no log-probabilities',
  stats: 'reports no figures of its memory',
  training: 'trains no adapters',
};

/** A setting that the runtime in use would ignore. */
export class UnsupportedSettingError extends PayableError {
  constructor(runtime: string, setting: string) {
    super('engine/unsupported-setting', `${runtime} does not support the setting ${setting}.`, {
      hint: "Set it back to its default, or open the same model on Payable's own engine.",
    });
  }
}

/** A runtime of others failed; its own words follow. */
export class RuntimeFailedError extends PayableError {
  constructor(runtime: string, reason: string, cause?: unknown) {
    super('engine/runtime-failed', `${runtime} failed: ${reason}`, {
      hint: 'Load the model again; if it fails again, choose a smaller model or another runtime.',
      cause,
    });
  }
}
