// The packed weights of one model in one format, in a place for such sets: looked up before a load, written after it.

import { createSHA256 } from 'hash-wasm';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { createWeightLoader } from '#lib/model/weight-loader.ts';
import { TABLE_DTYPE } from '#lib/model/weights.ts';
import { pack } from '#lib/webgpu/kernels/pack/pack.ts';
import { parseManifest } from './plane-manifest.ts';
import { createPlaneLoader } from './plane-loader.ts';
import type { PlaneStore } from './plane-store.ts';

export interface StoredPlanes {
  store: PlaneStore;
  name: string;
  /** Null where there is no complete set. */
  found: { bytes: number; createLoader: typeof createWeightLoader } | null;
}

/** Raised when weights are stacked or laid out in another way; what the packing kernel does names a set anyway. */
const LAYOUT = 1;

/** `id`: of the model's files, which are stored here too. */
export async function findPlanes(store: PlaneStore, id: string, dtype: WeightDtype): Promise<StoredPlanes> {
  const hash = await createSHA256();
  hash.init();
  for (const of of [dtype, TABLE_DTYPE[dtype]]) hash.update(pack.wgsl({ dtype: of }));
  const name = `${id}-${dtype}-${LAYOUT}-${hash.digest('hex').slice(0, 12)}`;
  const set = await store.open(name);
  const planes = set && parseManifest(set.manifest, set.bytes);
  return {
    store,
    name,
    found: planes && { bytes: set.bytes, createLoader: (options) => createPlaneLoader(options, set, planes, hash) },
  };
}
