// Loads weights from a set of packed planes where there is one, else from the model's files. A set that is not what it says is
// removed, and the files are read instead.

import { loadWeights, type LoadWeightsOptions, type ModelWeights } from '#lib/model/weights.ts';
import { DamagedPlanes } from './plane-loader.ts';
import type { StoredPlanes } from './stored-planes.ts';

/** `planes.found` is null afterwards if the set was of no use. */
export async function loadStoredWeights(
  options: LoadWeightsOptions,
  planes: StoredPlanes | null,
): Promise<ModelWeights> {
  if (!planes?.found) return loadWeights(options);
  try {
    return await loadWeights({ ...options, createLoader: planes.found.createLoader });
  } catch (error) {
    if (!(error instanceof DamagedPlanes)) throw error;
    planes.found = null;
    await planes.store.remove(planes.name);
    return loadWeights(options);
  }
}
