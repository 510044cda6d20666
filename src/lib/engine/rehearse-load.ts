// A load on a device that computes nothing: the code that loads allocates its buffers and names its kernels there, and reads no
// weights.

import type { Folder } from '#lib/core/folder.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { LaterKernels } from '#lib/model/decoder/later-kernels.ts';
import { createTransformer, type Transformer } from '#lib/model/decoder/transformer.ts';
import type { ModelTensors } from '#lib/model/families/resolve-tensors.ts';
import { loadWeights, type ModelWeights } from '#lib/model/weights.ts';
import type { MeasuringDevice } from '#lib/webgpu/measuring-device.ts';

/** What a model's headers say. */
export interface ModelPlan {
  folder: Folder;
  architecture: Architecture;
  tensors: ModelTensors;
}

export async function rehearseLoad(
  device: MeasuringDevice,
  { folder, architecture, tensors }: ModelPlan,
  dtype: WeightDtype,
  sizes: DecoderSizes,
  later: LaterKernels | null = null,
): Promise<{ weights: ModelWeights; transformer: Transformer }> {
  const weights = await loadWeights({
    ...{ device, folder, architecture, tensors, dtype },
    onBytes: () => undefined,
    createLoader: () => ({
      fill: () => Promise.resolve(),
      vector: ({ shape }) => Promise.resolve(new Float32Array(shape.reduce((product, side) => product * side, 1))),
      finish: () => Promise.resolve(),
      dispose: () => undefined,
    }),
  });
  return { weights, transformer: await createTransformer(device, architecture, weights, sizes, later) };
}
