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

/** @throws TrainingUnsupportedError */
export function checkTrainableAdapter(
  { name, saved, tables, tokens, vectors, invocation }: AdapterPlan,
  { embeddingNorm }: Pick<Architecture, 'embeddingNorm'>,
): void {
  const ofEmbedding = saved.embedding !== null || tables.embedding !== null;
  const found = namesOf([
    ['trained tokens', tokens.embedding !== null || tokens.head !== null],
    ['norms or biases', vectors.length > 0],
    ['an invocation', invocation !== null],
    ['an embedding of its own where the base has a norm behind it', ofEmbedding && embeddingNorm],
  ]);
  if (found.length > 0) {
    throw new TrainingUnsupportedError(
      `Adapter ${name} cannot be trained: there is no backward pass for ${found.join(', ')}.`,
      'Train an adapter of the matrices of layers, the embedding and the head only.',
    );
  }
}

const namesOf = (parts: readonly [string, boolean][]): string[] => parts.filter(([, has]) => has).map(([name]) => name);
