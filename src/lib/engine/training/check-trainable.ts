// What has no backward pass, refused by name: forms of layers, and parts of adapters outside the matrices of layers.

import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { TrainingUnsupportedError } from './errors.ts';

/** @throws TrainingUnsupportedError */
export function checkTrainableModel(a: Architecture): void {
  const forms: readonly [string, boolean][] = [
    ['latent attention', a.latent !== null],
    ['experts', a.experts !== null],
    ['convolutions', a.plan.some(({ mixer }) => mixer === 'convolution')],
    ['inputs of layers beside the stream', a.layerInput !== undefined],
    ['layers that share keys and values', a.plan.some(({ keysOf }) => keysOf !== undefined)],
  ];
  const found = namesOf(forms);
  if (found.length > 0) {
    throw new TrainingUnsupportedError(
      `Models of family ${a.family} cannot be trained: there is no backward pass for ${found.join(', ')}.`,
      'Choose a base model with plain attention and one feed-forward block a layer.',
    );
  }
}

/**
 * `tables`: gradients alone are wanted, which tables have too. `embeddingNorm`: the base has a norm behind its embedding.
 * @throws TrainingUnsupportedError
 */
export function checkTrainableAdapter(
  { name, saved, tables, tokens, vectors, invocation }: AdapterPlan,
  wanted: { tables: boolean; embeddingNorm: boolean },
): void {
  const ofEmbedding = saved.embedding !== null || tables.embedding !== null;
  const found = namesOf([
    ['trained tokens', tokens.embedding !== null || tokens.head !== null],
    ['norms or biases', vectors.length > 0],
    ['an invocation', invocation !== null],
    ['an embedding of its own where the base has a norm behind it', ofEmbedding && wanted.embeddingNorm],
  ]);
  if (found.length > 0) {
    throw new TrainingUnsupportedError(
      `Adapter ${name} cannot be trained: there is no backward pass for ${found.join(', ')}.`,
      'Train an adapter of matrices of decoder layers only.',
    );
  }
  const beside = namesOf([
    ['an embedding of its own (modules_to_save)', saved.embedding !== null],
    ['a head of its own (modules_to_save)', saved.head !== null],
    ['LoRA over the embedding', tables.embedding !== null],
    ['LoRA over the head', tables.head !== null],
  ]);
  if (beside.length > 0 && !wanted.tables) {
    throw new TrainingUnsupportedError(
      `Adapter ${name} has gradients, but cannot be trained: the optimizer takes no steps for ${beside.join(', ')}.`,
      'Train an adapter of matrices of decoder layers only.',
    );
  }
}

const namesOf = (parts: readonly [string, boolean][]): string[] => parts.filter(([, has]) => has).map(([name]) => name);
