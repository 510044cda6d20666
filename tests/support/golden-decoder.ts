// The decoder of a golden case without an engine around it: weights, sizes, one sequence with an adapter, and the prompt as one step.

import { createAdapterPool } from '#lib/engine/adapter-pool.ts';
import { checkSampling } from '#lib/engine/requests.ts';
import { createTurns } from '#lib/engine/turns.ts';
import { createStepWriter } from '#lib/engine/step-writer.ts';
import { readAdapter } from '#lib/formats/model/adapter.ts';
import { readTensorIndex } from '#lib/formats/model/model-files.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { readArchitecture } from '#lib/model/config.ts';
import type { DecoderCache } from '#lib/model/decoder/decoder-cache.ts';
import { decoderSizes, type DecoderBudget, type DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { StepShape } from '#lib/model/decoder/transformer.ts';
import { resolveTensors } from '#lib/model/families/resolve-tensors.ts';
import { packAdapter, type PackedAdapter } from '#lib/model/lora.ts';
import { loadWeights, type ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { adapterPath, modelPath, openFixture, readExpected } from './fixtures.ts';

export interface GoldenDecoder {
  architecture: Architecture;
  sizes: DecoderSizes;
  weights: ModelWeights;
  packed: PackedAdapter;
  /** Puts the adapter and the prompt into a decoder's state. @returns the step that computes all logits */
  begin(cache: Pick<DecoderCache, 'state' | 'pools'>): Promise<StepShape>;
}

export async function goldenDecoder(
  device: Device,
  name: string,
  adapter: string,
  elements: Pick<DecoderBudget, 'kvDtype' | 'poolDtype'>,
): Promise<GoldenDecoder> {
  const folder = openFixture(modelPath(name));
  const architecture = await readArchitecture(folder);
  const tensors = resolveTensors(architecture, await readTensorIndex(folder), name);
  const weights = await loadWeights({ device, folder, architecture, tensors, dtype: 'f32', onBytes: () => undefined });
  const { maxBindingBytes } = device;
  const budget = { ...elements, contextLength: 64, maxSequences: 1, adapterPoolBytes: 1 << 20, maxBindingBytes };
  const sizes = decoderSizes(architecture, budget);
  const own = openFixture(adapterPath(name, adapter));
  const base = adaptableBase(architecture);
  const packed = await packAdapter(own, await readAdapter(own, base), base, sizes, null);
  const { ids } = readExpected(name);
  return {
    architecture,
    sizes,
    weights,
    packed,
    async begin(cache) {
      const pool = createAdapterPool(device, cache, sizes, architecture.layers, createTurns());
      const placed = pool.take(packed)!;
      const { descriptor } = placed;
      await pool.fill(packed, placed, () => true);
      const writer = createStepWriter(device, cache.state, sizes.step);
      const blend = [{ descriptor, weight: 1 }];
      const plain = { sampling: checkSampling(), isConstrained: false, topCount: 0 };
      writer.slot({ slot: 0, ...plain, blocks: [2, 0, 1, 3], blend });
      const rows = ids.map((token, position) => ({ slot: 0, explicit: { token, position } }));
      writer.rows(rows, [...rows.keys()], packed.rankWidth);
      const count = rows.length;
      const heads = [{ head: null, first: 0, count }];
      return { rows: count, outputs: count, rankWidth: packed.rankWidth, heads, sample: false };
    },
  };
}
