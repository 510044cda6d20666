// The decoder as a list of dispatches: config-driven, one compute pass a step, bindings made once. It joins the lists of its
// layers; a layer without experts, latent vectors or an input beside the stream is nine dispatches, and the first of each adds the
// output of the layer before.

import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import type { ConstraintLists } from '#lib/webgpu/kernels/constrain/constrain.ts';
import type { Architecture } from '../architecture.ts';
import type { ModelWeights } from '../weights.ts';
import { createActivations } from './activations.ts';
import { createConstraintStages, type ConstraintStages } from './constraint-stages.ts';
import { createDecoderCache, type DecoderCache } from './decoder-cache.ts';
import { createDecoderContext } from './decoder-context.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import { acceptStage, embedStages, headBiasStages, headOf, openingStages, sampleStage } from './end-stages.ts';
import type { LaterKernels } from './later-kernels.ts';
import { createLayer, type Layer } from './layer.ts';
import type { LinearLayer } from './linear-layer.ts';
import { normStage } from './norm-stage.ts';
import type { RopeAngles } from './rope-angles.ts';
import type { Stage, StepCounts } from './stage.ts';
import { createTableStages, type AdapterTables, type TableStages } from './table-adapters.ts';

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
  /** Of adapters that change the embedding or the head and that some row of the step uses. */
  tables?: readonly AdapterTables[];
  /** False stops at the logits. */
  sample: boolean;
  /** Some sequence it samples for is constrained. */
  isConstrained?: boolean;
  /** Some of its rows run proposed tokens. */
  hasDrafts?: boolean;
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
  blockParts: DecoderCache['blockParts'];
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

/** `later`: kernels for steps of several rows are added there; without it they are compiled at once. */
export async function createTransformer(
  device: Device,
  a: Architecture,
  weights: ModelWeights,
  sizes: DecoderSizes,
  later: LaterKernels | null = null,
): Promise<Transformer> {
  const cache = createDecoderCache(device, a, sizes);
  const activations = createActivations(device, a, sizes);
  const { vectors } = weights;
  const context = createDecoderContext({ device, architecture: a, sizes, cache, activations, vectors, later });

  const embedding = await embedStages(context, weights.embedding);
  const opening = await openingStages(context, weights);
  const layers: Layer[] = [];
  for (const [i, of] of weights.layers.entries()) {
    layers.push(await createLayer(context, i, of, layers.at(-1)?.branch ?? null));
  }
  const closing = {
    before: layers.at(-1)?.branch ?? null,
    weightAt: weights.finalNormAt,
    point: 'finalNorm',
    gather: true,
  } as const;
  const order: readonly Stage[] = [...layers.flatMap(({ forward }) => forward), await normStage(context, closing)];

  const heads = new Map<Matrix, LinearLayer>([[weights.head, await headOf(context, weights.head)]]);
  const headBias = await headBiasStages(context, weights.headBiasAt);
  const sample = await sampleStage(context);
  const accept = await acceptStage(context);
  const tableStages = new Map<AdapterTables, TableStages>();
  let constrained: ConstraintStages | null = null;

  return {
    ...cache,
    logits: activations.logits,
    results: activations.results,
    async addHead(head) {
      heads.set(head, await headOf(context, head));
    },
    removeHead: (head) => void heads.delete(head),
    async addTables(tables, descriptor) {
      tableStages.set(tables, await createTableStages(context, tables, descriptor));
    },
    removeTables(tables) {
      tableStages.get(tables)?.destroy();
      tableStages.delete(tables);
    },
    async constraints(lists) {
      constrained ??= await createConstraintStages(context, lists);
      return constrained;
    },
    dispatches(shape) {
      const applied = shape.tables?.map((tables) => tableStages.get(tables)!) ?? [];
      const list: Dispatch[] = [];
      const add = (stages: readonly Stage[]) => {
        for (const stage of stages) list.push(stage.dispatch(shape));
      };
      add(embedding);
      for (const { afterEmbedding } of applied) add(afterEmbedding);
      add(opening);
      const patches = applied.map(({ within }) => within).filter(({ size }) => size > 0);
      for (const stage of order) {
        list.push(stage.dispatch(shape));
        if (stage.point) for (const patch of patches) add(patch.get(stage.point) ?? []);
      }
      for (const { head, first, count } of shape.heads) {
        const range = count === shape.outputs ? undefined : { first, count };
        for (const part of heads.get(head ?? weights.head)!.parts) list.push(part(count, 0, range));
      }
      if (shape.outputs > 0) add(headBias);
      for (const { afterHead } of applied) add(afterHead);
      if (shape.sample) add(shape.isConstrained ? constrained!.stages : [sample]);
      if (shape.hasDrafts) add([accept]);
      // A piece of a prompt from which nothing is sampled ends before the last norm.
      return shape.outputs > 0 ? list : list.filter(({ groups }) => groups.every((count) => count > 0));
    },
    destroy() {
      for (const stages of tableStages.values()) stages.destroy();
      constrained?.destroy();
      context.destroy();
      activations.destroy();
      cache.destroy();
    },
  };
}
