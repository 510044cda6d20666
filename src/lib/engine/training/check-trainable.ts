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
  const found = forms.filter(([, has]) => has).map(([form]) => form);
  if (found.length > 0) {
    throw new TrainingUnsupportedError(
      `Models of family ${a.family} cannot be trained: there is no backward pass for ${found.join(', ')}.`,
      'Choose a base model with plain attention and one feed-forward block a layer.',
    );
  }
}

/** @throws TrainingUnsupportedError */
export function checkTrainableAdapter({ name, saved, tables, tokens, vectors, invocation }: AdapterPlan): void {
  const parts: readonly [string, boolean][] = [
    ['a table of its own (modules_to_save)', saved.embedding !== null || saved.head !== null],
    ['LoRA over the embedding or the head', tables.embedding !== null || tables.head !== null],
    ['trained tokens', tokens.embedding !== null || tokens.head !== null],
    ['norms or biases', vectors.length > 0],
    ['an invocation', invocation !== null],
  ];
  const found = parts.filter(([, has]) => has).map(([part]) => part);
  if (found.length > 0) {
    throw new TrainingUnsupportedError(
      `Adapter ${name} cannot be trained: there is no backward pass for ${found.join(', ')}.`,
      'Train an adapter of matrices of decoder layers only.',
    );
  }
}
