// Layers one by one, each over activations of its own, give the bits of the whole decoder: a trainer can save at every boundary.

import { beforeAll, describe, expect, it } from 'vitest';
import { goldenDecoder, type GoldenDecoder } from '#tests/support/golden-decoder.ts';
import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { createActivations, type Activations } from './activations.ts';
import { createDecoderCache } from './decoder-cache.ts';
import { createDecoderContext } from './decoder-context.ts';
import { embedStages, headOf } from './end-stages.ts';
import { createLayer, type Layer } from './layer.ts';
import { normStage, type Branch } from './norm-stage.ts';
import type { Stage } from './stage.ts';
import { createTransformer } from './transformer.ts';

// Norms before the blocks only, before and after, after only, and blocks side by side, each with an adapter on every matrix; experts
// with and without a shared one; latent vectors.
describe.each(['llama3', 'gemma2', 'olmo2', 'gpt_neox', 'qwen2_moe', 'qwen3_moe', 'deepseek_v3'])('%s', (name) => {
  const device = createReferenceDevice();
  let golden: GoldenDecoder;
  let whole: Uint32Array;
  beforeAll(async () => {
    golden = await goldenDecoder(device, name, 'lora', { kvDtype: 'f32', poolDtype: 'f32' });
    const { architecture, weights, sizes, begin } = golden;
    const transformer = await createTransformer(device, architecture, weights, sizes);
    const shape = await begin(transformer);
    const bytes = shape.outputs * architecture.vocab * 4;
    whole = new Uint32Array(await device.submitAndRead(transformer.dispatches(shape), transformer.logits, bytes));
  });

  const copy = async (from: DeviceBuffer, to: DeviceBuffer) =>
    device.write(to, 0, new Uint8Array(await device.read(from, 0, from.bytes)));
  const spoil = (activations: Activations) => {
    const { destroy: _, experts, latent, layerInputs, ...buffers } = activations;
    for (const buffer of Object.values<DeviceBuffer>({ ...buffers, ...latent, ...experts, ...layerInputs }))
      device.write(buffer, 0, new Float32Array(buffer.bytes / 4).fill(NaN));
  };

  /** Runs every layer in its own context, copies its output to the next one and fills its activations with NaN. */
  const layerByLayer = async (isClosed: boolean) => {
    const { architecture: a, weights, sizes, begin } = golden;
    const cache = createDecoderCache(device, a, sizes);
    const shape = await begin(cache);
    const run = (stages: readonly Stage[]) => device.submit(stages.map((stage) => stage.dispatch(shape)));
    const contextOf = () =>
      createDecoderContext({
        device,
        architecture: a,
        sizes,
        cache,
        activations: createActivations(device, a, sizes),
        vectors: weights.vectors,
        later: null,
      });
    let context = contextOf();
    run(await embedStages(context, weights.embedding));
    let before: Branch | null = null;
    for (const [i, of] of weights.layers.entries()) {
      const { forward, branch }: Layer = await createLayer(context, i, of, isClosed ? null : before);
      run(forward);
      const { activations } = context;
      const next = contextOf();
      // A norm adds the branch, so that the residual stream alone is the input of the next layer.
      if (isClosed) run([await normStage(context, { before: branch, weightAt: 0, point: 'finalNorm' })]);
      await copy(activations.x, next.activations.x);
      if (!isClosed) {
        await copy(activations.branch, next.activations.branch);
        await copy(activations.z, next.activations.z);
      }
      spoil(activations);
      context = next;
      before = branch && { ...branch, y: next.activations.branch, z: next.activations.z };
    }
    const last = { before: isClosed ? null : before, weightAt: weights.finalNormAt, point: 'finalNorm' } as const;
    run([await normStage(context, { ...last, gather: true })]);
    const { parts } = await headOf(context, weights.head);
    const bytes = shape.outputs * a.vocab * 4;
    const dispatches = parts.map((part) => part(shape.outputs, 0));
    return new Uint32Array(await device.submitAndRead(dispatches, context.activations.logits, bytes));
  };

  it('passes only the stream, the branch and the ranks of adapters from layer to layer', async () => {
    expect(await layerByLayer(false)).toEqual(whole);
  });

  it('takes the sum of stream and branch as well', async () => {
    expect(await layerByLayer(true)).toEqual(whole);
  });
});
