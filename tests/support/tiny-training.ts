// What tests of training share: an engine with a model of some ten thousand weights, new adapters for it, and examples.

import type { FolderRef } from '#lib/core/folder.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { Engine } from '#lib/engine/engine.ts';
import type { AdapterFiles, FreshAdapter, StepSettings, TrainingRequest } from '#lib/engine/training/training-host.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { testHost } from './host.ts';
import { tinyChatModel } from './tiny-chat-model.ts';

export const TINY_MODEL = { kind: 'files', name: 'tiny', files: tinyChatModel() } as const;

export async function tinyEngine(gpu: GPU | null = null): Promise<Engine> {
  const engine = createEngine({
    ...testHost(gpu),
    openFolder: (ref: FolderRef) => {
      if (ref.kind !== 'files') throw new Error(`not ${ref.kind}`);
      return createBlobFolder(ref.name, ref.files);
    },
  });
  for await (const event of engine.load({ model: TINY_MODEL, dtype: 'f32' })) void event;
  return engine;
}

export const refOf = ({ name, files }: AdapterFiles): FolderRef => ({
  kind: 'files',
  name,
  files: files.map(({ path, bytes }) => ({ path, file: new Blob([bytes]) })),
});

export const freshAdapterOf = (kind: FreshAdapter['kind'], more: Partial<FreshAdapter> = {}): FreshAdapter => {
  return { name: `new ${kind}`, kind, rank: 3, alpha: 6, seed: 7, ...more };
};

const LENGTH = 6;
export const tinyTraining = (...adapters: FreshAdapter[]): TrainingRequest => {
  return { adapters: adapters.map((one) => ({ fresh: one })), rows: 24, segments: 4, length: LENGTH };
};

/** Two of the adapter at a place; `from` distinguishes them. */
export const tinyExamples = (adapter: number, from: number) =>
  [0, 1].map((row) => {
    const ids = Array.from({ length: LENGTH - row }, (_, i) => (13 * from + 7 * i + 31 * row + 5) % 99);
    return { ids, labels: ids.map((id, i) => (i === 2 ? -100 : id)), adapter };
  });

export const stepSettings = (rate = 0.01): StepSettings => {
  return { rate, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clip: 1 };
};
