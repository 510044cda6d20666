// How one adapter is trained: everything that its result depends on beside the base and the data.

export interface Recipe {
  kind: 'lora' | 'rslora' | 'dora';
  rank: number;
  alpha: number;
  /** Names of modules as PEFT has them; null is all linear layers. */
  targets: string[] | null;
  /** null is all. */
  layers: number[] | null;
  /** Highest learning rate. */
  rate: number;
  schedule: 'cosine' | 'linear' | 'constant';
  /** Share of the steps in which the rate rises from 0, from 0 to 1. */
  warmup: number;
  betas: [number, number];
  epsilon: number;
  weightDecay: number;
  /** Greatest norm of a gradient; 0: any. */
  clip: number;
  epochs: number;
  /** Examples a step. */
  batch: number;
  /** Ends the run after so many steps; null: after its epochs. */
  maxSteps: number | null;
  /** Of weights, order and joined rows. */
  seed: number;
}

/** How rows become examples: the same for all recipes of a run. */
export interface DataRecipe {
  /** Longest example in tokens. */
  length: number;
  /** Which answers of a row are learned. */
  turns: 'all' | 'last';
  /** Share of the rows whose example goes on with another row, from 0 to 1. */
  joined: number;
  validation: { share: number; least: number };
  seed: number;
}
