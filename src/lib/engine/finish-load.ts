// What a loaded model can do without for its first answer, beside that answer: kernels for prompts and for DoRA adapters, which are
// used only after they passed the known-answer test; the hashes of stored files; and packed weights kept for the next load.

import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { LaterKernels } from '#lib/model/decoder/later-kernels.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { dora } from '#lib/webgpu/kernels/dora/dora.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';
import { ModelChangedError } from './errors.ts';
import { savePlanes, type SavePlanesOptions } from './planes/save-planes.ts';
import { selfTestLater } from './self-test.ts';

export interface FinishLoadOptions {
  /** Of the model. */
  name: string;
  device: Device;
  architecture: Architecture;
  dtype: WeightDtype;
  sizes: DecoderSizes;
  later: LaterKernels;
  /** The hash that the model's files are stored under, and how to compute it; null where it was computed already. */
  stored: { id: string; hash(): Promise<string> } | null;
  /** Where the packed weights are kept for the next load; null where they came from there, or stay nowhere. */
  keep: Omit<SavePlanesOptions, 'device'> | null;
  log(line: string): void;
}

/** @throws SelfTestError when the device computes a kernel wrongly, ModelChangedError when the files are damaged */
export async function finishLoad({ later, stored, keep, log, name, ...tested }: FinishLoadOptions): Promise<void> {
  const { device, dtype, sizes } = tested;
  const norms = device.program(dora, { ...stepParams(sizes.step), dtype, pool: sizes.poolDtype });
  // Awaited below.
  norms.catch(() => undefined);
  await later.finish((programs) => selfTestLater(tested, programs));
  await selfTestLater(tested, [await norms]);
  if (stored && (await stored.hash()) !== stored.id) throw new ModelChangedError(name);
  if (!keep) return;
  // A model that answers does not fail for want of room.
  await savePlanes({ ...keep, device }).catch((error: unknown) => {
    if (!keep.signal.aborted) log(`Packed weights of ${name} were not kept. ${String(error)}`);
  });
}
