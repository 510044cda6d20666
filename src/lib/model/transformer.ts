// The decoder as a list of dispatches: config-driven, one compute pass a step, bindings made once.
// It knows what runs in which order; it does not know who asked, which tokens, or how weights came here.
//
// A layer is nine dispatches: norm | qkv (+A) | rope (+B) | attention | o (+A) | norm (+B) | gate, up (+A) | glu (+B) | down (+A);
// the B of `down` is added by the norm that opens the next layer. A and B are the halves of the adapters.

import type { Binding, Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { attention, attentionGroups, encodeAttentionCall } from '#lib/webgpu/kernels/attention/attention.ts';
import { embed, embedGroups, encodeEmbedCall } from '#lib/webgpu/kernels/embed/embed.ts';
import { encodeGluCall, glu, gluGroups } from '#lib/webgpu/kernels/glu/glu.ts';
import { encodeNormCall, norm, type NormCall } from '#lib/webgpu/kernels/norm/norm.ts';
import { encodeRopeCall, rope, ropeGroups } from '#lib/webgpu/kernels/rope/rope.ts';
import { RESULT_WORDS, sample } from '#lib/webgpu/kernels/sample/sample.ts';
import { padded, type Matrix } from '#lib/webgpu/matrix.ts';
import { BLOCK_TOKENS, HEADER, stepParams } from '#lib/webgpu/step-state.ts';
import type { Groups } from '#lib/webgpu/kernel.ts';
import type { Architecture } from './architecture.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import { createLinearLayer, type LinearLayer } from './linear-layer.ts';
import { createRopeAngles } from './rope-angles.ts';
import type { ModelWeights } from './weights.ts';

/** Consecutive outputs of a step that share a head. */
export interface HeadRange {
  /** Null: the model's own. */
  head: Matrix | null;
  first: number;
  count: number;
}

export interface StepShape {
  rows: number;
  outputs: number;
  /** Greatest total rank of any row's blend; 0 when no row wears an adapter. */
  rankWidth: number;
  /** More than one only where an adapter brings its own head. */
  heads: readonly HeadRange[];
  /** False stops at the logits. */
  sample: boolean;
}

export interface Transformer {
  readonly state: DeviceBuffer;
  /** One adapter pool a layer. */
  readonly pools: readonly DeviceBuffer[];
  readonly logits: DeviceBuffer;
  readonly results: DeviceBuffer;
  readonly counts: DeviceBuffer;
  readonly kvBytes: number;
  readonly poolBytes: number;
  /** Makes an adapter's own head usable in `StepShape.heads`. */
  addHead(head: Matrix): Promise<void>;
  removeHead(head: Matrix): void;
  dispatches(shape: StepShape): Dispatch[];
  destroy(): void;
}

type Stage = (shape: StepShape) => Dispatch;

export async function createTransformer(
  device: Device,
  a: Architecture,
  weights: ModelWeights,
  sizes: DecoderSizes,
): Promise<Transformer> {
  const owned: DeviceBuffer[] = [];
  const buffer = (label: string, bytes: number) => {
    const made = device.createBuffer(label, bytes);
    owned.push(made);
    return made;
  };
  const call = (label: string, words: Uint32Array<ArrayBuffer>) => {
    const made = buffer(label, words.byteLength);
    device.write(made, 0, words);
    return made;
  };

  const { maxRows, maxOutputs, kvBlocks } = sizes;
  const step = stepParams(sizes.step);
  const element = sizes.elementBytes === 4 ? 'f32' : 'f16';
  const threads = device.software ? 16 : 64;
  const valuesAt = (kvBlocks * a.kvHeads * BLOCK_TOKENS * a.headDim) / 2;
  const kvBytes = 4 * valuesAt * sizes.elementBytes;
  const poolBytes = sizes.pages * sizes.pageBytes;

  const state = buffer('step state', sizes.step.words * 4);
  const x = buffer('residual stream', maxRows * padded(a.hidden) * 4);
  const h = buffer('normed stream', Math.max(maxRows, maxOutputs) * padded(a.hidden) * 4);
  const qkv = buffer('qkv', maxRows * (a.heads + 2 * a.kvHeads) * a.headDim * 4);
  const q = buffer('queries', maxRows * a.heads * a.headDim * 4);
  const attended = buffer('attended', maxRows * padded(a.heads * a.headDim) * 4);
  const branch = buffer('branch', maxRows * padded(a.hidden) * 4);
  const gateUp = buffer('gate and up', maxRows * 2 * a.ffn * 4);
  const gated = buffer('gated', maxRows * padded(a.ffn) * 4);
  const z = buffer('adapter ranks', maxRows * 3 * MAX_RANK_WIDTH * 4);
  const logits = buffer('logits', maxOutputs * a.vocab * 4);
  const results = buffer('results', maxOutputs * RESULT_WORDS * 4);
  const counts = buffer('token counts', sizes.maxSequences * a.vocab * 4);
  const kv = a.plan.map((_, i) => buffer(`layer ${i} cache`, kvBytes));
  const pools = a.plan.map((_, i) => buffer(`layer ${i} adapters`, poolBytes));
  const angles = createRopeAngles(device, a, sizes.contextLength);
  owned.push(...new Set(angles));

  const linearLayer = (label: string, matrix: Matrix, layer: number, from: DeviceBuffer, to: DeviceBuffer, at: At) =>
    createLinearLayer(device, {
      ...at,
      label,
      matrix,
      layer,
      step,
      pool: element,
      buffers: { x: from, y: to, z, pool: pools[layer]!, state },
      own: (made) => owned.push(made),
    });
  const fixed = (binding: Binding, groups: (shape: StepShape) => Groups): Stage => {
    return (shape) => ({ binding, groups: groups(shape) });
  };

  const normStage = async (
    layer: number,
    vectors: DeviceBuffer,
    at: Omit<NormCall, 'layer'>,
    kind: { branch: boolean; post: boolean; bias: boolean; gather: boolean },
  ): Promise<Stage> => {
    const program = await device.program(norm, {
      ...step,
      ...kind,
      hidden: a.hidden,
      eps: a.normEps,
      residual: a.residualScale,
      threads,
      pool: element,
    });
    const words = call(`layer ${layer} norm call`, encodeNormCall({ layer, ...at }));
    const binding = device.bind(program, { call: words, x, y: branch, h, vectors, z, pool: pools[layer]!, state });
    return fixed(binding, ({ rows, outputs }) => [kind.gather ? outputs : rows, 1, 1]);
  };

  const stages: Stage[] = [];
  const linearStage = (layer: LinearLayer) => {
    for (const part of layer.parts) stages.push(({ rows, rankWidth }) => part(rows, rankWidth));
  };

  const embedProgram = await device.program(embed, { ...step, dtype: weights.embedding.dtype });
  for (const part of weights.embedding.parts) {
    const { groups } = weights.embedding;
    const words = call('embed call', encodeEmbedCall({ ...part, groups, scale: a.embeddingScale }));
    const { weights: plane, scales } = part;
    const binding = device.bind(embedProgram, { call: words, weights: plane, scales, x, state });
    stages.push(fixed(binding, ({ rows }) => embedGroups(groups, rows)));
  }
  const { buffer: firstNorm, at: firstAt } = weights.firstNorm;
  stages.push(
    await normStage(
      0,
      firstNorm,
      { target: 0, weightAt: firstAt.nextNorm, postAt: 0, biasAt: 0 },
      { branch: false, post: false, bias: false, gather: false },
    ),
  );

  const post = a.placement === 'sandwich';
  for (const [i, layer] of weights.layers.entries()) {
    const { buffer: vectors, at } = layer.vectors;
    const plan = a.plan[i]!;
    linearStage(
      await linearLayer('qkv', layer.qkv, i, h, qkv, { firstTarget: 0, targets: 3, yStride: layer.qkv.rows }),
    );

    const ropeProgram = await device.program(rope, {
      ...step,
      heads: a.heads,
      kvHeads: a.kvHeads,
      headDim: a.headDim,
      ropeDim: plan.rope ? a.ropeDim : 0,
      half: a.ropePairing === 'half',
      headNorm: a.qkNorm === 'head',
      bias: a.qkvBias,
      eps: a.normEps,
      valuesAt,
      pool: element,
      kv: element,
      threads,
    });
    const ropeCall = encodeRopeCall({ layer: i, biasAt: at.qkvBias, qNormAt: at.qNorm, kNormAt: at.kNorm });
    const ropeBinding = device.bind(ropeProgram, {
      call: call(`layer ${i} rope call`, ropeCall),
      y: qkv,
      q,
      kv: kv[i]!,
      angles: angles[i]!,
      vectors,
      z,
      pool: pools[i]!,
      state,
    });
    stages.push(fixed(ropeBinding, ({ rows }) => ropeGroups(a.heads, a.kvHeads, rows)));

    const attentionProgram = await device.program(attention, {
      ...step,
      heads: a.heads,
      kvHeads: a.kvHeads,
      headDim: a.headDim,
      scale: a.attentionScale,
      softcap: a.attentionSoftcap ?? 0,
      valuesAt,
      kv: element,
      threads,
    });
    const attentionBinding = device.bind(attentionProgram, {
      call: call(`layer ${i} attention call`, encodeAttentionCall(plan.window ?? 0)),
      q,
      kv: kv[i]!,
      o: attended,
      state,
    });
    stages.push(fixed(attentionBinding, ({ rows }) => attentionGroups(a.heads, rows)));

    const toBranch = { targets: 1, yStride: padded(a.hidden) };
    linearStage(await linearLayer('o', layer.o, i, attended, branch, { ...toBranch, firstTarget: 3 }));
    stages.push(
      await normStage(
        i,
        vectors,
        { target: 3, weightAt: at.ffnNorm, postAt: at.attentionOutNorm, biasAt: at.oBias },
        { branch: true, post, bias: a.outputBias, gather: false },
      ),
    );
    linearStage(
      await linearLayer('gate and up', layer.gateUp, i, h, gateUp, { firstTarget: 4, targets: 2, yStride: 2 * a.ffn }),
    );
    const gluProgram = await device.program(glu, {
      ...step,
      ffn: a.ffn,
      activation: a.activation,
      bias: a.mlpBias,
      pool: element,
    });
    const gluCall = call(`layer ${i} glu call`, encodeGluCall({ layer: i, biasAt: at.gateUpBias }));
    const gluBinding = device.bind(gluProgram, {
      call: gluCall,
      y: gateUp,
      h: gated,
      vectors,
      z,
      pool: pools[i]!,
      state,
    });
    stages.push(fixed(gluBinding, ({ rows }) => gluGroups(a.ffn, rows)));

    linearStage(await linearLayer('down', layer.down, i, gated, branch, { ...toBranch, firstTarget: 6 }));
    stages.push(
      await normStage(
        i,
        vectors,
        { target: 6, weightAt: at.nextNorm, postAt: at.ffnOutNorm, biasAt: at.downBias },
        { branch: true, post, bias: a.mlpBias, gather: i === a.layers - 1 },
      ),
    );
  }

  const heads = new Map<Matrix, LinearLayer>();
  const addHead = async (matrix: Matrix) => {
    const at = { firstTarget: 0, targets: 0, yStride: a.vocab, countWord: HEADER.outputs };
    heads.set(matrix, await linearLayer('head', matrix, 0, h, logits, at));
  };
  await addHead(weights.head);
  const sampleProgram = await device.program(sample, {
    ...step,
    vocab: a.vocab,
    logitScale: a.logitScale,
    softcap: a.logitSoftcap ?? 0,
    threads: device.software ? 32 : 256,
  });
  const sampleBinding = device.bind(sampleProgram, { logits, counts, state, results });

  return {
    state,
    pools,
    logits,
    results,
    counts,
    kvBytes: kvBytes * a.layers,
    poolBytes: poolBytes * a.layers,
    addHead,
    removeHead: (matrix) => void heads.delete(matrix),
    dispatches(shape) {
      const list = stages.map((stage) => stage(shape));
      for (const { head, first, count } of shape.heads) {
        const range = count === shape.outputs ? undefined : { first, count };
        for (const part of heads.get(head ?? weights.head)!.parts) list.push(part(count, 0, range));
      }
      if (shape.sample) list.push({ binding: sampleBinding, groups: [shape.outputs, 1, 1] });
      return list;
    },
    destroy() {
      for (const made of owned) made.destroy();
    },
  };
}

type At = { firstTarget: number; targets: number; yStride: number; countWord?: number };

/** Total rank one row may wear, over all adapters of its blend. */
export const MAX_RANK_WIDTH = 512;
