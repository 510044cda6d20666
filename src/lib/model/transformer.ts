// The decoder as a list of dispatches: config-driven, one compute pass a step, bindings made once.
// It knows what runs in which order; it does not know who asked, which tokens, or how weights came here.
//
// A layer is nine dispatches: norm | qkv (+A) | rope (+B) | attention | o (+A) | norm (+B) | gate, up (+A) | glu (+B) | down (+A);
// the B of `down` is added by the norm that opens the next layer. A and B are the halves of the adapters.

import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { padded, type Matrix } from '#lib/webgpu/matrix.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';
import type { ConstraintLists } from '#lib/webgpu/kernels/constrain/constrain.ts';
import type { PatchPoint } from './adapter-patches.ts';
import type { Architecture } from './architecture.ts';
import { createConstraintStages, type ConstraintStages } from './constraint-stages.ts';
import { createDecoderBuffers } from './decoder-buffers.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import { createDecoderStages, type Stage, type StepCounts } from './decoder-stages.ts';
import type { LinearLayer } from './linear-layer.ts';
import type { RopeAngles } from './rope-angles.ts';
import { createTableStages, type AdapterTables, type TableStages } from './table-adapters.ts';
import type { ModelWeights } from './weights.ts';

/** Consecutive outputs of a step that share a head. */
export interface HeadRange {
  /** Null: the model's own. */
  head: Matrix | null;
  first: number;
  count: number;
}

export interface StepShape extends StepCounts {
  /** More than one only where an adapter brings its own head. */
  heads: readonly HeadRange[];
  /** Of adapters that change the embedding or the head, each worn by some row. */
  tables?: readonly AdapterTables[];
  /** False stops at the logits. */
  sample: boolean;
  /** Some sequence it samples for is constrained. */
  isConstrained?: boolean;
}

export interface Transformer {
  readonly state: DeviceBuffer;
  /** One adapter pool a layer. */
  readonly pools: readonly DeviceBuffer[];
  readonly logits: DeviceBuffer;
  readonly results: DeviceBuffer;
  readonly counts: DeviceBuffer;
  readonly angles: RopeAngles;
  readonly kvBytes: number;
  readonly poolBytes: number;
  /** Makes an adapter's own head usable in `StepShape.heads`. */
  addHead(head: Matrix): Promise<void>;
  removeHead(head: Matrix): void;
  /** Makes an adapter's tables usable in `StepShape.tables`. */
  addTables(tables: AdapterTables, descriptor: number): Promise<void>;
  removeTables(tables: AdapterTables): void;
  /** Makes constrained sequences possible; the same for every call. */
  constraints(lists: ConstraintLists): Promise<ConstraintStages>;
  dispatches(shape: StepShape): Dispatch[];
  destroy(): void;
}

export async function createTransformer(
  device: Device,
  a: Architecture,
  weights: ModelWeights,
  sizes: DecoderSizes,
): Promise<Transformer> {
  const buffers = createDecoderBuffers(device, a, sizes);
  const make = createDecoderStages(device, a, sizes, buffers);
  const { h, qkv, attended, branch, gateUp, gated, logits } = buffers;
  /** A stage with the point behind which adapters may run something of their own. */
  const order: { stage: Stage; point: PatchPoint | null }[] = [];
  const add = (stage: Stage, point: PatchPoint | null) => order.push({ stage, point });
  const addLinear = async (point: PatchPoint, ...of: Parameters<typeof make.linear>) => {
    const { parts } = await make.linear(...of);
    parts.forEach((part, i) =>
      add(({ rows, rankWidth }) => part(rows, rankWidth), i === parts.length - 1 ? point : null),
    );
  };

  const embedding = await make.embed(weights.embedding);
  const { buffer: firstNorm, at: firstAt } = weights.firstNorm;
  const opening = { target: 0, weightAt: firstAt.nextNorm, postAt: 0, biasAt: 0 };
  const plain = { branch: false, post: false, bias: false, gather: false };
  add(await make.norm(0, firstNorm, opening, plain), 'attentionNorm 0');

  const toBranch = { targets: 1, yStride: padded(a.hidden) };
  const added = { branch: true, post: a.placement === 'sandwich' };
  for (const [i, layer] of weights.layers.entries()) {
    const { vectors } = layer;
    const { buffer, at } = vectors;
    await addLinear(`qkv ${i}`, i, layer.qkv, h, qkv, { firstTarget: 0, targets: 3, yStride: layer.qkv.rows });
    add(await make.rope(i, vectors), null);
    add(await make.attention(i), null);
    await addLinear(`o ${i}`, i, layer.o, attended, branch, { ...toBranch, firstTarget: 3 });
    const afterAttention = { target: 3, weightAt: at.ffnNorm, postAt: at.attentionOutNorm, biasAt: at.oBias };
    add(await make.norm(i, buffer, afterAttention, { ...added, bias: a.outputBias, gather: false }), `ffnNorm ${i}`);
    await addLinear(`gateUp ${i}`, i, layer.gateUp, h, gateUp, { firstTarget: 4, targets: 2, yStride: 2 * a.ffn });
    add(await make.glu(i, vectors), null);
    await addLinear(`down ${i}`, i, layer.down, gated, branch, { ...toBranch, firstTarget: 6 });
    const afterFfn = { target: 6, weightAt: at.nextNorm, postAt: at.ffnOutNorm, biasAt: at.downBias };
    // Past the last layer only the rows somebody wants logits of go on.
    const gather = i === a.layers - 1;
    const next: PatchPoint = gather ? 'finalNorm' : `attentionNorm ${i + 1}`;
    add(await make.norm(i, buffer, afterFfn, { ...added, bias: a.mlpBias, gather }), next);
  }

  const heads = new Map<Matrix, LinearLayer>();
  const addHead = async (matrix: Matrix) => {
    const place = { firstTarget: 0, targets: 0, yStride: a.vocab, countWord: HEADER.outputs };
    heads.set(matrix, await make.linear(0, matrix, h, logits, place));
  };
  await addHead(weights.head);
  const sample = await make.sample();
  const tableStages = new Map<AdapterTables, TableStages>();
  let constrained: ConstraintStages | null = null;

  return {
    ...buffers,
    addHead,
    removeHead: (matrix) => void heads.delete(matrix),
    async addTables(tables, descriptor) {
      const options = { device, architecture: a, sizes, buffers, tables, descriptor };
      tableStages.set(tables, await createTableStages(options));
    },
    removeTables(tables) {
      tableStages.get(tables)?.destroy();
      tableStages.delete(tables);
    },
    async constraints(lists) {
      constrained ??= await createConstraintStages({
        device,
        architecture: a,
        sizes,
        state: buffers.state,
        make,
        lists,
      });
      return constrained;
    },
    dispatches(shape) {
      const worn = shape.tables?.map((tables) => tableStages.get(tables)!) ?? [];
      const opening = [...embedding, ...worn.flatMap(({ afterEmbedding }) => afterEmbedding)];
      const list = opening.map((stage) => stage(shape));
      const patches = worn.map(({ within }) => within).filter(({ size }) => size > 0);
      for (const { stage, point } of order) {
        list.push(stage(shape));
        if (point) for (const patch of patches) list.push(...(patch.get(point) ?? []).map((of) => of(shape)));
      }
      for (const { head, first, count } of shape.heads) {
        const range = count === shape.outputs ? undefined : { first, count };
        for (const part of heads.get(head ?? weights.head)!.parts) list.push(part(count, 0, range));
      }
      for (const { afterHead } of worn) list.push(...afterHead.map((stage) => stage(shape)));
      const sampling = shape.isConstrained ? constrained!.stages : [sample];
      if (shape.sample) list.push(...sampling.map((stage) => stage(shape)));
      // A piece of a prompt from which nothing is sampled ends before the last norm.
      return shape.outputs > 0 ? list : list.filter(({ groups }) => groups[0] > 0);
    },
    destroy() {
      for (const stages of tableStages.values()) stages.destroy();
      constrained?.destroy();
      for (const buffer of buffers.all) buffer.destroy();
    },
  };
}
