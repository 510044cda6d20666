// The text of a valid training manifest of three steps, for tests that need none of its run.

import { PRESETS } from '#lib/factory/presets.ts';
import {
  encodeTrainingManifest,
  TRAINING_MANIFEST_KIND,
  type TrainingManifest,
} from '#lib/factory/training-manifest.ts';

const hash = '0'.repeat(64);

export function trainingManifestText({
  base,
  adapter,
  sources = [],
}: {
  base: string;
  adapter: string;
  sources?: TrainingManifest['sources'];
}): string {
  const { recipe, data } = PRESETS.traceable;
  return encodeTrainingManifest({
    ...{ kind: TRAINING_MANIFEST_KIND, trainer: 'test', devices: ['test'], template: null, data, rows: 128 },
    base: { id: base, name: 'Base', dtype: 'f32' },
    sources: [{ name: 'Notes', id: null, licence: 'own', rows: 4, leaves: hash }, ...sources],
    examples: { train: hash, validation: hash },
    jobs: [{ name: 'A', recipe: { ...recipe, rank: 12, rate: 0.003 }, from: null, ended: 3 }],
    ...{ job: 0, steps: 3, losses: [2.5, 0.5, 0.75], validations: 1, patience: null },
    chain: [{ step: 0, state: hash, hash }],
    adapter: { step: 2, sha256: adapter },
  });
}
