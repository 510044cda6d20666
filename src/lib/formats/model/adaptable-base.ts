// A base model as an adapter sees it: what its modules are called and how large they are. Types only; `model` fills them in.

/** A matrix that an adapter may change: [output, input]. */
export interface AdaptableProjection {
  name: string;
  /** Its number in adapters' page tables. */
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
  /** By name below a layer. A module of several projections has them stacked by output rows, in this order. */
  modules: ReadonlyMap<string, readonly AdaptableProjection[]>;
  /** Rows of a module with several projections come in so many groups, each with an equal share of every projection. */
  fusedGroups: number;
  /** Matrices of layers are stored [input, output]. */
  isTransposed: boolean;
}
