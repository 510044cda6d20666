// The manifest of one adapter of a run that is done.

import { hashFiles } from '#lib/core/hash.ts';
import type { AdapterFiles } from '#lib/engine/training/training-host.ts';
import { TRAINER_VERSION } from '#lib/engine/training/trainer-version.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import type { RunOrigin } from './run-origin.ts';
import type { RunProgress } from './run-progress.ts';
import { encodeTrainingManifest, TRAINING_MANIFEST_KIND } from './training-manifest.ts';

export interface RunEnd {
  origin: RunOrigin;
  progress: RunProgress;
  job: number;
  /** Its best weights. */
  adapter: AdapterFiles;
}

/** Canonical JSON. */
export async function manifestOf({ origin, progress, job, adapter }: RunEnd): Promise<string> {
  const { shape, examples, devices, figures, chain, ended, best } = progress;
  return encodeTrainingManifest({
    ...{ ...origin, kind: TRAINING_MANIFEST_KIND, trainer: TRAINER_VERSION, devices, job, chain },
    examples: examples[job]!,
    ...{ rows: shape.rows, data: shape.data, steps: figures.length },
    jobs: origin.jobs.map((one, at) => ({ ...one, recipe: shape.recipes[at]!, ended: ended[at]! })),
    losses: figures.map((step) => step[job]?.loss ?? null),
    adapter: { step: best[job]!.step, sha256: await hashAdapter(adapter) },
  });
}

/** sha256 (hex) over its PEFT files: the id that the engine gives it. */
export function hashAdapter({ name, files }: AdapterFiles): Promise<string> {
  const folder = createMemoryFolder(name, new Map(files.map(({ path, bytes }) => [path, bytes])));
  return hashFiles(folder, [ADAPTER_CONFIG, ADAPTER_WEIGHTS]);
}
