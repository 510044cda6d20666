// What a decoder holds beside its activations so that layers can run backwards: the input of every layer, the attention block's share of
// the activations apart from that of the feed-forward block, and gradients in the shape of the activations.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import type { Architecture } from '../architecture.ts';
import { widest } from '../at-layer.ts';
import { stacksOf } from '../projections.ts';
import { MAX_RANK_WIDTH, type Activations, type ActivationSizes } from './activations.ts';
import type { AdapterGradientBuffers } from './linear-backward-stages.ts';

export interface TrainingBuffers {
  /** By layer: the residual stream as it enters. */
  readonly inputs: readonly DeviceBuffer[];
  /** In place of those that both blocks of a layer write. */
  readonly ofAttention: Pick<Activations, 'h' | 'branch' | 'z' | 'branchZ'>;
  /** In place of that which one matrix of the feed-forward block leaves for the other. */
  readonly ofFfn: Pick<Activations, 'branchZ'>;
  /** By layer. */
  readonly adapters: readonly AdapterGradientBuffers[];
  /** Which rows count for which gradient of an adapter. */
  readonly runs: DeviceBuffer;
  readonly gradients: ActivationGradients;
  destroy(): void;
}

export interface ActivationGradients {
  /** Of the residual stream. */
  readonly x: DeviceBuffer;
  readonly h: DeviceBuffer;
  readonly branch: DeviceBuffer;
  readonly qkv: DeviceBuffer;
  /** Of queries, keys and values as attention reads them. */
  readonly heads: DeviceBuffer;
  /** Of each row and head, what the gradient of keys needs from that of queries. */
  readonly stats: DeviceBuffer;
  readonly attended: DeviceBuffer;
  readonly gateUp: DeviceBuffer;
  readonly gated: DeviceBuffer;
}

export interface TrainingBufferSizes extends ActivationSizes {
  /** Of gradients of adapters in one layer. */
  gradientBytes: number;
  /** Of the list of rows. */
  runBytes: number;
  /** Some adapter has DoRA. */
  gains: boolean;
}

export function createTrainingBuffers(device: Device, of: Architecture, sizes: TrainingBufferSizes): TrainingBuffers {
  const a = widest(of);
  const { maxRows, maxOutputs, rankWidth = MAX_RANK_WIDTH, gradientBytes, runBytes, gains } = sizes;
  const owned: DeviceBuffer[] = [];
  const create = (label: string, bytes: number) => {
    const buffer = device.createBuffer(label, bytes);
    owned.push(buffer);
    return buffer;
  };
  const rows = (label: string, width: number) => create(label, maxRows * width * 4);
  const stream = padded(a.hidden);
  const ranks = (label: string) => rows(label, 3 * rankWidth);
  const { qkv, gateUp } = stacksOf(a);
  const runs = create('rows of gradients', runBytes);
  const u = ranks('gradients of ranks');
  return {
    inputs: of.plan.map((_, layer) => rows(`input of layer ${layer}`, stream)),
    ofAttention: {
      h: rows('normed stream of attention', stream),
      branch: rows('branch of attention', stream),
      z: ranks('adapter ranks of q, k, v'),
      branchZ: ranks('adapter ranks of o'),
    },
    ofFfn: { branchZ: ranks('adapter ranks of down') },
    adapters: of.plan.map((_, layer) => ({ grads: create(`layer ${layer} gradients`, gradientBytes), runs, u, gains })),
    runs,
    gradients: {
      x: rows('gradient of the stream', stream),
      h: create('gradient of the normed stream', Math.max(maxRows, maxOutputs) * stream * 4),
      branch: rows('gradient of the branch', stream),
      qkv: rows('gradient of qkv', qkv.rows),
      heads: rows('gradient of heads', (a.heads + 2 * a.kvHeads) * a.headDim),
      stats: rows('softmax of heads', 2 * a.heads),
      attended: rows('gradient of attended', padded(a.heads * a.headDim)),
      gateUp: rows('gradient of gate and up', gateUp.rows),
      gated: rows('gradient of gated', padded(a.ffn)),
    },
    destroy() {
      for (const buffer of owned) buffer.destroy();
    },
  };
}
