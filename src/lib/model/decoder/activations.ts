// The buffers that the stages of one step write and read: one row per token, valid until the next step overwrites them.
// Decoding shares one set among all layers; a trainer makes further sets to keep what a layer computed.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { RESULT } from '#lib/webgpu/kernels/sample/sample-result.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import type { Architecture } from '../architecture.ts';
import { widest } from '../at-layer.ts';
import { expertMatricesOf, stacksOf } from '../projections.ts';

/** Greatest total rank of one row's adapters, over all adapters of its blend. */
export const MAX_RANK_WIDTH = 512;

export interface Activations {
  /** The residual stream. */
  readonly x: DeviceBuffer;
  /** The residual stream after a norm. */
  readonly h: DeviceBuffer;
  /** Rows of the embedding: the residual stream, `h` where they pass a norm first, or a buffer that layers read later. */
  readonly embedded: DeviceBuffer;
  readonly qkv: DeviceBuffer;
  readonly q: DeviceBuffer;
  readonly attended: DeviceBuffer;
  /** Output of a block, before the next norm adds it to the residual stream. */
  readonly branch: DeviceBuffer;
  readonly gateUp: DeviceBuffer;
  readonly gated: DeviceBuffer;
  /** Null where attention has no latent vectors. */
  readonly latent: LatentActivations | null;
  /** Null where the model has no experts. */
  readonly experts: ExpertActivations | null;
  /** Null where layers get nothing beside the stream. */
  readonly layerInputs: LayerInputActivations | null;
  /** A · x of every adapter of a row. */
  readonly z: DeviceBuffer;
  /** The same of the matrix that leaves `branch`. Only training keeps it apart from `z`. */
  readonly branchZ: DeviceBuffer;
  readonly logits: DeviceBuffer;
  readonly results: DeviceBuffer;
  destroy(): void;
}

export interface LatentActivations {
  /** What queries are expanded from. */
  readonly ofQuery: DeviceBuffer;
  /** What keys and values are expanded from. */
  readonly ofKeys: DeviceBuffer;
  /** The part of the keys that rotates, before it does. */
  readonly tail: DeviceBuffer;
  readonly queries: DeviceBuffer;
  readonly keysAndValues: DeviceBuffer;
  /** `attended` without the zeros behind each value. */
  readonly values: DeviceBuffer;
}

export interface ExpertActivations {
  /** Scores of all experts, and behind them that of the shared expert's gate. */
  readonly scores: DeviceBuffer;
  /** Of each row and chosen expert: its number and its weight. */
  readonly choices: DeviceBuffer;
  /** Of each row and chosen expert. */
  readonly gated: DeviceBuffer;
  /** Of the shared expert. */
  readonly sharedGated: DeviceBuffer;
}

export interface LayerInputActivations {
  readonly embedded: DeviceBuffer;
  /** Of each token for all layers, from the table. */
  readonly looked: DeviceBuffer;
  /** The embedding, projected for one layer. */
  readonly projected: DeviceBuffer;
  /** Both together, for one layer. */
  readonly input: DeviceBuffer;
}

export interface ActivationSizes {
  maxRows: number;
  /** Rows whose logits one step may compute. */
  maxOutputs: number;
  /** Greatest total rank of one row's adapters, where it is known; default `MAX_RANK_WIDTH`. */
  rankWidth?: number;
}

export function createActivations(device: Device, of: Architecture, sizes: ActivationSizes): Activations {
  const a = widest(of);
  const { maxRows, maxOutputs, rankWidth = MAX_RANK_WIDTH } = sizes;
  const floats = (label: string, count: number) => device.createBuffer(label, count * 4);
  const { qkv, gateUp, sharedGateUp, convIn } = stacksOf(a);
  const buffers = {
    x: floats('residual stream', maxRows * padded(a.hidden)),
    h: floats('normed stream', Math.max(maxRows, maxOutputs) * padded(a.hidden)),
    qkv: floats('qkv', maxRows * Math.max(qkv.rows, convIn.rows)),
    q: floats('queries', maxRows * a.heads * a.headDim),
    attended: floats('attended', maxRows * padded(Math.max(a.heads * a.headDim, a.convolution ? a.hidden : 0))),
    branch: floats('branch', maxRows * padded(a.hidden)),
    gateUp: floats('gate and up', maxRows * Math.max(gateUp.rows, sharedGateUp.rows, a.layerInput ?? 0)),
    gated: floats('gated', maxRows * padded(Math.max(a.ffn, a.layerInput ?? 0))),
    z: floats('adapter ranks', maxRows * 3 * rankWidth),
    logits: floats('logits', maxOutputs * a.vocab),
    results: floats('results', maxOutputs * RESULT.words),
  };
  const latent = a.latent && {
    ofQuery: floats('latent of queries', maxRows * Math.max(4, padded(a.latent.queryRank ?? 0))),
    ofKeys: floats('latent of keys', maxRows * padded(a.latent.kvRank)),
    tail: floats('rotating part of keys', maxRows * a.ropeDim),
    queries: floats('expanded queries', maxRows * a.heads * a.headDim),
    keysAndValues: floats('expanded keys and values', maxRows * stacksOf(a).kvB.rows),
    values: floats('attended values', maxRows * padded(a.heads * a.latent.valueDim)),
  };
  const experts = a.experts && {
    scores: floats('expert scores', maxRows * expertMatricesOf(a.experts, a.hidden).router.rows),
    choices: floats('chosen experts', maxRows * a.experts.chosen * 2),
    gated: floats('gated of experts', maxRows * a.experts.chosen * padded(a.experts.ffn)),
    sharedGated: floats('gated of the shared expert', maxRows * Math.max(4, padded(a.experts.sharedFfn))),
  };
  const inputs = a.layerInput && {
    embedded: floats('embedding', maxRows * padded(a.hidden)),
    looked: floats('layer inputs', maxRows * padded(a.layers * a.layerInput)),
    projected: floats('projected input', maxRows * a.layerInput),
    input: floats('input of a layer', maxRows * a.layerInput),
  };
  const layerInputs = inputs || null;
  return {
    ...buffers,
    branchZ: buffers.z,
    latent,
    experts,
    layerInputs,
    embedded: layerInputs?.embedded ?? (a.embeddingNorm ? buffers.h : buffers.x),
    destroy() {
      for (const set of [buffers, latent ?? {}, experts ?? {}, layerInputs ?? {}])
        for (const buffer of Object.values<DeviceBuffer>(set)) buffer.destroy();
    },
  };
}
