// The sources that the adapter of a manifest was trained on. The manifest also lists those of adapters that trained beside it.

import type { OriginSource } from './run-origin.ts';
import type { TrainingManifest } from './training-manifest.ts';

export function ownSources({ jobs, job, sources }: Pick<TrainingManifest, 'jobs' | 'job' | 'sources'>): OriginSource[] {
  const places = jobs[job]!.sources;
  return places ? places.map((place) => sources[place]!) : sources;
}
