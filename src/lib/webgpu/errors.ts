// What can go wrong between us and a GPU, in words.

import { PayableError } from '#lib/core/errors.ts';

/** No adapter or device could be had, or it lacks what every kernel needs. */
export class GpuUnavailableError extends PayableError {
  constructor(message: string, cause?: unknown) {
    super('webgpu/unavailable', message, {
      hint: 'Use a browser with WebGPU (Chrome or Edge 113+, Safari 26+, Firefox 141+) and a working graphics driver.',
      cause,
    });
  }
}

/** The GPU ran out of memory; nothing computed after that can be trusted. */
export class GpuMemoryError extends PayableError {
  constructor(what: string, cause?: unknown) {
    super('webgpu/out-of-memory', `Out of GPU memory: ${what}.`, {
      hint: 'Choose a smaller model, a smaller weight format (q4), a shorter context or a smaller adapter pool; for training, shorter examples, fewer of them in a pass, or a lower rank.',
      cause,
    });
  }
}

/** A kernel or command was refused by the GPU; a defect of ours or of the driver. */
export class GpuValidationError extends PayableError {
  constructor(what: string, cause?: unknown) {
    super('webgpu/validation', `The GPU refused a command: ${what}`, {
      hint: 'Update the browser and the graphics driver; if it stays, report it with the device panel.',
      cause,
    });
  }
}

/** The device went away (driver reset, watchdog, sleep). */
export class GpuLostError extends PayableError {
  constructor(reason: string) {
    super('webgpu/lost', `The GPU device was lost: ${reason || 'no reason given'}.`, {
      hint: 'It is rebuilt on the next request; if it happens again choose a smaller model or context.',
    });
  }
}
