// How much memory training takes, by what is allocated on a device that only counts; and what the same would take with every activation
// of every layer kept and the logits of all tokens at once.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { createMeasuringDevice } from '#lib/webgpu/measuring-device.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createBenchTrainer, loadBenchBase } from './train-setup.ts';
import type { RandomShape } from './random-model.ts';

export interface TrainMemory {
  /** Tokens of the pass. */
  rows: number;
  weights: number;
  /** Adapters with their gradients and moments. */
  adapters: number;
  /** Activations, their gradients, and inputs of layers. */
  activations: number;
  logits: number;
  /** Keys and values, step state, tables. */
  other: number;
  total: number;
  /** Activations and logits where a layer keeps all that it computed. */
  plain: { activations: number; logits: number };
  /** Share of the plain activations and logits that is saved. */
  saved: number;
}

/** What a layer computes and its backward pass reads; ranks of adapters are left out, which makes the plain form look smaller. */
const OF_A_LAYER = [
  ...['normed stream', 'normed stream of attention', 'qkv', 'queries', 'attended', 'branch', 'branch of attention'],
  ...['gate and up', 'gated'],
];
const OF_ADAPTERS = /^(layer \d+ (adapters|gradients)|scales of the optimizer|(first|second) moments)$/;
const ACTIVATIONS = /^(gradient of |input of layer|residual stream|adapter ranks|gradients of ranks|softmax of heads)/;

export async function measureTrainMemory(
  shape: RandomShape,
  dtype: WeightDtype,
  rank: number,
  rows: number,
): Promise<TrainMemory> {
  const sizes = new Map<string, number>();
  const counting = createMeasuringDevice({ maxBindingBytes: 2 ** 31 });
  const device: Device = {
    ...counting,
    createBuffer(label, bytes) {
      const buffer = counting.createBuffer(label, bytes);
      sizes.set(label, (sizes.get(label) ?? 0) + buffer.bytes);
      return buffer;
    },
  };
  const base = await loadBenchBase(device, shape, dtype, readsNothing);
  const weights = sumOf(sizes.values());
  sizes.clear();
  const trainer = await createBenchTrainer(base, shape, { count: 1, rank }, { rows, segments: 1, length: rows });
  trainer.destroy();
  base.weights.destroy();
  const total = sumOf(sizes.values());
  const ofLabels = (is: (label: string) => boolean) =>
    sumOf([...sizes].flatMap(([label, bytes]) => (is(label) ? [bytes] : [])));
  const logits = sizes.get('logits')!;
  const adapters = ofLabels((label) => OF_ADAPTERS.test(label));
  const activations = ofLabels((label) => ACTIVATIONS.test(label) || OF_A_LAYER.includes(label));
  // The trainer keeps one set of these for all layers; the plain form has one for each.
  const ofALayer = ofLabels((label) => OF_A_LAYER.includes(label));
  const plain = { activations: activations + (shape.layers - 1) * ofALayer, logits: rows * shape.vocab * 4 };
  return {
    ...{ rows, weights, adapters, activations, logits, plain },
    other: total - adapters - activations - logits,
    total: weights + total,
    saved: 1 - (activations + logits) / (plain.activations + plain.logits),
  };
}

/** Weights are allocated, not filled. */
const readsNothing = () => ({
  fill: () => Promise.resolve(),
  vector: ({ shape }: { shape: readonly number[] }) =>
    Promise.resolve(new Float32Array(shape.reduce((product, side) => product * side, 1))),
  finish: () => Promise.resolve(),
  dispose: () => undefined,
});

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);
