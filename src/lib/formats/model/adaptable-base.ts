// A base model from an adapter's point of view: names and sizes of its modules. Types only; `model` fills them in.

/** A matrix that an adapter may change: [output, input]. */
export interface AdaptableProjection {
  name: string;
  /** Index in adapters' page tables. */
  index: number;
  input: number;
  output: number;
}

export interface AdaptableBase {
  layers: number;
  hidden: number;
  vocab: number;
  /** Name before a layer's number: `layers` in `layers.0.self_attn.q_proj`. */
  layerList: string;
  embedding: string;
  head: string;
  headAlias?: string | undefined;
  /** By name within a layer. A fused module stacks its projections by output rows, in this order. */
  modules: ReadonlyMap<string, readonly AdaptableProjection[]>;
  /** The same of each layer, where layers have sizes of their own; `modules` then has the greatest. */
  modulesByLayer?: readonly ReadonlyMap<string, readonly AdaptableProjection[]>[];
  /** A module outside the layers: its output rows are divided among them in order. */
  acrossLayers?: string;
  /** `layer.module` of modules that a layer lacks although others have them. */
  absent?: ReadonlySet<string>;
  /** Rows of a module with several projections come in so many groups, each with an equal share of every projection. */
  fusedGroups: number;
  /** Matrices of layers are stored [input, output]. */
  isTransposed: boolean;
}
