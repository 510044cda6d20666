// The decoder's dispatches one by one: each stage is a kernel bound to its buffers once, and its grid for a given step.
// It knows which kernel reads which buffer; the order of stages is `transformer.ts`.

import type { Binding, Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import type { Groups } from '#lib/webgpu/kernel.ts';
import {
  attention,
  attentionGroups,
  cardAttention,
  encodeAttentionCall,
} from '#lib/webgpu/kernels/attention/attention.ts';
import { embed, embedGroups, encodeEmbedCall } from '#lib/webgpu/kernels/embed/embed.ts';
import { encodeGluCall, glu, gluGroups } from '#lib/webgpu/kernels/glu/glu.ts';
import { encodeNormCall, norm, type NormCall } from '#lib/webgpu/kernels/norm/norm.ts';
import { encodeRopeCall, rope, ropeGroups } from '#lib/webgpu/kernels/rope/rope.ts';
import { sample, sampleConstrained } from '#lib/webgpu/kernels/sample/sample.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';
import type { Architecture } from './architecture.ts';
import type { DecoderBuffers } from './decoder-buffers.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import { createLinearLayer, type LinearLayer } from './linear-layer.ts';
import type { Vectors } from './vectors.ts';

/** How many rows of what a step computes. */
export interface StepCounts {
  rows: number;
  outputs: number;
  /** Greatest total rank of any row's blend; 0 when no row wears an adapter. */
  rankWidth: number;
}

export type Stage = (counts: StepCounts) => Dispatch;

export interface NormKind {
  /** There is a branch to add. */
  branch: boolean;
  post: boolean;
  bias: boolean;
  gather: boolean;
}

/** Where a matrix stands among the adapted ones, and where its rows go. */
export interface LinearPlace {
  firstTarget: number;
  targets: number;
  yStride: number;
  countWord?: number;
}

export interface DecoderStages {
  embed(table: Matrix): Promise<Stage[]>;
  norm(layer: number, vectors: DeviceBuffer, at: Omit<NormCall, 'layer'>, kind: NormKind): Promise<Stage>;
  rope(layer: number, vectors: Vectors): Promise<Stage>;
  attention(layer: number): Promise<Stage>;
  glu(layer: number, vectors: Vectors): Promise<Stage>;
  linear(layer: number, matrix: Matrix, x: DeviceBuffer, y: DeviceBuffer, place: LinearPlace): Promise<LinearLayer>;
  /** With biases: as the constraints say. */
  sample(bias?: DeviceBuffer): Promise<Stage>;
}

export function createDecoderStages(
  device: Device,
  a: Architecture,
  sizes: DecoderSizes,
  buffers: DecoderBuffers,
): DecoderStages {
  const { state, x, h, z, q, qkv, attended, branch, gateUp, gated, kv, pools, valuesAt } = buffers;
  const step = stepParams(sizes.step);
  const element = sizes.elementBytes === 4 ? 'f32' : 'f16';
  const { heads, kvHeads, headDim } = a;
  const head = { heads, kvHeads, headDim, valuesAt, kv: element } as const;
  // Few threads where a thread is a CPU lane and every barrier a switch between them.
  const threads = device.software ? device.lanes || 8 : 64;
  // Elsewhere a thread for four elements of a row and for eight logits, if there may be as many.
  const fitting = (wanted: number) =>
    Math.min(1024, device.maxThreads, Math.max(32, 2 ** Math.ceil(Math.log2(wanted))));
  const rowThreads = device.software ? threads : fitting(a.hidden / 4);
  const samplingThreads = device.software ? 32 : fitting(a.vocab / 8);
  const ahead = device.software ? 1 : 4;

  const own = (buffer: DeviceBuffer) => buffers.all.push(buffer);
  const call = (label: string, words: Uint32Array<ArrayBuffer>) => {
    const buffer = device.createBuffer(`${label} call`, words.byteLength);
    own(buffer);
    device.write(buffer, 0, words);
    return buffer;
  };
  const stage = (binding: Binding, groups: (counts: StepCounts) => Groups): Stage => {
    return (counts) => ({ binding, groups: groups(counts) });
  };

  return {
    async embed(table) {
      const { dtype, groups } = table;
      const program = await device.program(embed, { ...step, dtype });
      return table.parts.map((part) => {
        const words = call('embed', encodeEmbedCall({ ...part, groups, scale: a.embeddingScale }));
        const { weights, scales } = part;
        const binding = device.bind(program, { call: words, weights, scales, x, state });
        return stage(binding, ({ rows }) => embedGroups(groups, rows));
      });
    },
    async norm(layer, vectors, at, kind) {
      const shape = { hidden: a.hidden, eps: a.normEps, residual: a.residualScale, pool: element, ahead } as const;
      const program = await device.program(norm, { ...step, ...kind, ...shape, threads: rowThreads });
      const words = call(`layer ${layer} norm`, encodeNormCall({ layer, ...at }));
      const bound = { call: words, x, y: branch, h, vectors, z, pool: pools[layer]!, state };
      return stage(device.bind(program, bound), ({ rows, outputs }) => [kind.gather ? outputs : rows, 1, 1]);
    },
    async rope(layer, { buffer: vectors, at }) {
      const program = await device.program(rope, {
        ...step,
        ...head,
        ropeDim: a.plan[layer]!.rope ? a.ropeDim : 0,
        ofPrompt: buffers.angles.hasPrompts[layer]!,
        half: a.ropePairing === 'half',
        headNorm: a.qkNorm === 'head',
        bias: a.qkvBias,
        eps: a.normEps,
        pool: element,
        ahead,
        threads,
      });
      const words = encodeRopeCall({ layer, biasAt: at.qkvBias, qNormAt: at.qNorm, kNormAt: at.kNorm });
      const binding = device.bind(program, {
        call: call(`layer ${layer} rope`, words),
        y: qkv,
        q,
        kv: kv[layer]!,
        angles: buffers.angles.tables[layer]!,
        vectors,
        z,
        pool: pools[layer]!,
        state,
      });
      return stage(binding, ({ rows }) => ropeGroups(heads, kvHeads, rows));
    },
    async attention(layer) {
      const kind = device.software ? { threads, wide: false } : cardAttention(headDim);
      const shape = { scale: a.attentionScale, softcap: a.attentionSoftcap ?? 0, ...kind };
      const program = await device.program(attention, { ...step, ...head, ...shape });
      const words = call(`layer ${layer} attention`, encodeAttentionCall(a.plan[layer]!.window ?? 0));
      const binding = device.bind(program, { call: words, q, kv: kv[layer]!, o: attended, state });
      return stage(binding, ({ rows }) => attentionGroups(heads, rows));
    },
    async glu(layer, { buffer: vectors, at }) {
      const shape = { ffn: a.ffn, activation: a.activation, bias: a.mlpBias, pool: element, ahead } as const;
      const program = await device.program(glu, { ...step, ...shape });
      const words = call(`layer ${layer} glu`, encodeGluCall({ layer, biasAt: at.gateUpBias }));
      const bound = { call: words, y: gateUp, h: gated, vectors, z, pool: pools[layer]!, state };
      return stage(device.bind(program, bound), ({ rows }) => gluGroups(a.ffn, rows));
    },
    linear: (layer, matrix, from, to, place) =>
      createLinearLayer(device, {
        ...place,
        matrix,
        layer,
        step,
        pool: element,
        buffers: { x: from, y: to, z, pool: pools[layer]!, state },
        own,
      }),
    async sample(bias) {
      const shape = { vocab: a.vocab, logitScale: a.logitScale, softcap: a.logitSoftcap ?? 0 };
      const params = { ...step, ...shape, threads: samplingThreads };
      const { logits, counts, results } = buffers;
      const bound = { logits, counts, state, results };
      const binding = bias
        ? device.bind(await device.program(sampleConstrained, params), { ...bound, bias })
        : device.bind(await device.program(sample, params), bound);
      return stage(binding, ({ outputs }) => [outputs, 1, 1]);
    },
  };
}
