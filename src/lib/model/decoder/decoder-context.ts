// What every stage of a decoder is built from: the device, the buffers, and how kernels are shaped for this device.
// A second context over the same cache and other activations runs the same layers beside the first.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import type { RanksAhead } from '#lib/webgpu/kernels/shared/adapter.ts';
import { stepParams, type StepParams } from '#lib/webgpu/step-state.ts';
import type { Architecture } from '../architecture.ts';
import type { Activations } from './activations.ts';
import type { DecoderCache } from './decoder-cache.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import type { LaterKernels } from './later-kernels.ts';
import type { TrainingBuffers } from './training-buffers.ts';

export interface DecoderContext {
  readonly device: Device;
  readonly architecture: Architecture;
  readonly sizes: DecoderSizes;
  readonly step: StepParams;
  readonly cache: DecoderCache;
  readonly activations: Activations;
  /** Norm weights and biases of the whole model. */
  readonly vectors: DeviceBuffer;
  readonly threads: KernelThreads;
  /** Vectors of adapter ranks that a thread loads before it uses one. */
  readonly ahead: RanksAhead;
  /** Null: all kernels are compiled at once. */
  readonly later: LaterKernels | null;
  /** Null: layers have no backward pass. */
  readonly training: TrainingBuffers | null;
  /** A uniform with these words. */
  call(label: string, words: Uint32Array<ArrayBuffer>): DeviceBuffer;
  /** Frees the buffer with the context. */
  own(buffer: DeviceBuffer): void;
  /** Frees the uniforms. Cache, activations and vectors belong to the caller. */
  destroy(): void;
}

/** Threads of a workgroup. */
interface KernelThreads {
  /** Over one head. */
  head: number;
  /** Over one row of the residual stream. */
  row: number;
  /** Over the logits of one row. */
  sampling: number;
}

export type DecoderContextOptions = Pick<
  DecoderContext,
  'device' | 'architecture' | 'sizes' | 'cache' | 'activations' | 'vectors' | 'later'
> & { training?: TrainingBuffers };

export function createDecoderContext(options: DecoderContextOptions): DecoderContext {
  const { device, architecture: a, sizes } = options;
  const owned: DeviceBuffer[] = [];
  return {
    ...options,
    training: options.training ?? null,
    step: stepParams(sizes.step),
    threads: kernelThreads(device, a),
    ahead: device.software ? 1 : 4,
    call(label, words) {
      const buffer = device.createBuffer(`${label} call`, words.byteLength);
      owned.push(buffer);
      device.write(buffer, 0, words);
      return buffer;
    },
    own: (buffer) => void owned.push(buffer),
    destroy() {
      for (const buffer of owned) buffer.destroy();
    },
  };
}

function kernelThreads(device: Device, a: Architecture): KernelThreads {
  // Few threads where a thread is a CPU lane and every barrier a switch between them.
  if (device.software) return { head: device.lanes || 8, row: device.lanes || 8, sampling: 32 };
  // On a card a thread for four elements of a row and for eight logits, if there may be as many.
  const fitting = (wanted: number) =>
    Math.min(1024, device.maxThreads, Math.max(32, 2 ** Math.ceil(Math.log2(wanted))));
  return { head: 64, row: fitting(a.hidden / 4), sampling: fitting(a.vocab / 8) };
}
