// The configuration of the decoder as plain data: what a model computes, independent of files, tensor names and the GPU.

export type RopeScaling =
  | { type: 'default' }
  | { type: 'linear'; factor: number }
  | {
      type: 'llama3';
      factor: number;
      lowFrequencyFactor: number;
      highFrequencyFactor: number;
      originalContextLength: number;
    }
  | {
      type: 'yarn';
      factor: number;
      originalContextLength: number;
      betaFast: number;
      betaSlow: number;
      /** Null: derived from `factor`, or from both `mscale` values where they are given. */
      attentionFactor: number | null;
      mscale: number | null;
      mscaleAllDim: number | null;
      truncate: boolean;
    }
  /** Rotates a share of the pairs, at the frequencies of a whole head. */
  | { type: 'proportional'; factor: number; share: number }
  /** The base grows with the sequence length. */
  | { type: 'dynamic'; factor: number; originalContextLength: number }
  /** One set of factors up to the original context length, another one beyond it. */
  | {
      type: 'longrope';
      originalContextLength: number;
      shortFactor: number[];
      longFactor: number[];
      attentionFactor: number;
    };

export interface Rope {
  theta: number;
  scaling: RopeScaling;
}

/** What differs between layers. */
export interface LayerPlan {
  /** Null: the layer does not rotate. */
  rope: Rope | null;
  /** Key j is visible to query i if i - window < j <= i; null: all earlier keys are. */
  window: number | null;
  /** Absent: attention. convolution: over the last tokens, without attention. */
  mixer?: 'convolution';
  /** The earlier layer whose keys and values this one reads; absent: it has its own. */
  keysOf?: number;
  /** Sizes of this layer that differ from those of the architecture. */
  sizes?: LayerSizes;
}

export type LayerSizes = Partial<Pick<Architecture, 'kvHeads' | 'headDim' | 'ropeDim' | 'ffn' | 'projects'>>;

/** Queries, keys and values expanded from short vectors. A head has `headDim` elements of a key: first those without a position. */
export interface Latent {
  /** Null: queries are projected directly. */
  queryRank: number | null;
  kvRank: number;
  /** Elements of a query and a key without a position; the last `ropeDim` rotate, and are the same in the keys of all heads. */
  nopeDim: number;
  valueDim: number;
}

/** Feed-forward blocks of many experts, of which each row uses a few. */
export interface Experts {
  count: number;
  /** Experts that a row uses. */
  chosen: number;
  /** Width of one expert. */
  ffn: number;
  /** Width of the expert that every row uses; 0: there is none. */
  sharedFfn: number;
  /** The shared expert's output is multiplied by the sigmoid of one more score. */
  isSharedGated: boolean;
  router: Router;
  /** By layer; the other layers have one block of width `ffn` of the architecture. */
  isSparse: readonly boolean[];
}

/** How scores become the choice of experts and their weights. */
export interface Router {
  scores: 'softmax' | 'sigmoid';
  /** A vector is added to the scores that decide the choice, not to the weights. */
  hasBias: boolean;
  /** Only experts of the `kept` best of `count` groups; a group has the score of its best or its two best experts. Null: all. */
  groups: { count: number; kept: number; score: 'best' | 'best-two' } | null;
  /** The weights of the chosen experts are divided by their sum. */
  isNormalised: boolean;
  scale: number;
}

export type Activation = 'silu' | 'gelu-tanh' | 'gelu-erf' | 'relu';

export interface Architecture {
  family: string;
  layers: number;
  hidden: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  ffn: number;
  vocab: number;
  contextLength: number;
  activation: Activation;
  /** gated: down(act(gate(x)) · up(x)). plain: down(act(up(x))). */
  ffnKind: 'gated' | 'plain';
  /** layer: subtracts the mean and has biases. */
  norm: 'rms' | 'layer';
  normEps: number;
  /** Norm weights are stored as w - 1. */
  normPlusOne: boolean;
  /** pre: x + A(n(x)), then x + M(m(x)). sandwich: x + n2(A(n(x))). post: x + n(A(x)). parallel: x + A(n(x)) + M(m(x)). */
  placement: 'pre' | 'sandwich' | 'post' | 'parallel';
  /** Parallel blocks read one norm: n = m. */
  sharesNorm: boolean;
  /** The embedding passes a norm before the first layer. */
  embeddingNorm: boolean;
  qkvBias: boolean;
  outputBias: boolean;
  mlpBias: boolean;
  headBias: boolean;
  /** What attention projects; absent: all three. qk: values are the keys before their norm and rotation. q: keys are those of another layer. */
  projects?: 'qk' | 'q';
  /** Values pass an RMS norm over each head, without weights. */
  valueNorm?: boolean;
  /** Before rotation. head: an RMS norm over each query and key head. whole: one over all heads together. */
  qkNorm: 'none' | 'head' | 'whole';
  /** A vector for each position of the context is added to the embedding. */
  learnedPositions: boolean;
  /** Scores get a bias that falls with the distance of a key. rounded: computed in bf16 and scaled as the scores are. */
  alibi: 'none' | 'exact' | 'rounded';
  /** Leading components of a head that rotate; 0 where no layer rotates. */
  ropeDim: number;
  /** half rotates (i, i + ropeDim / 2); interleaved rotates (2i, 2i + 1). */
  ropePairing: 'half' | 'interleaved';
  /** Queries at position p are multiplied by 1 + factor · ln(1 + floor(p / every)). */
  queryGrowth: { factor: number; every: number } | null;
  attentionScale: number;
  /** Scores become cap · tanh(score / cap), before masking. */
  attentionSoftcap: number | null;
  logitSoftcap: number | null;
  embeddingScale: number;
  residualScale: number;
  /** The output of a layer is multiplied by a number that the layer learned. */
  layerScale?: boolean;
  /** Width of a vector that each layer gets of each token, beside the stream. */
  layerInput?: number;
  /** Tokens that a convolution spans, its own included; biases of its three matrices. */
  convolution?: { span: number; hasBias: boolean };
  logitScale: number;
  /** Null: queries, keys and values are projected from the stream. */
  latent: Latent | null;
  /** Null: every layer has one feed-forward block. */
  experts: Experts | null;
  /** The head reuses the embedding. */
  tiedHead: boolean;
  plan: LayerPlan[];
  /** Layers that the files have behind the last one, to predict tokens beyond the next; they are not computed. */
  furtherLayers?: number;
}
