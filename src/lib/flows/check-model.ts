// What a model of the hub, at an address or on IPFS would take on this device, before anything of it is downloaded: from its list of files, its config.json and the
// headers of its weights.

import type { WeightDtype } from '#lib/core/tensor.ts';
import type { CacheDtype } from '#lib/engine/engine.ts';
import { predictLoad, readModelPlan, type LoadPrediction } from '#lib/engine/predict-load.ts';
import type { GgufVariant } from '#lib/formats/model/gguf-variants.ts';
import { createGgufFileFolder, isGgufName } from '#lib/model/sources/gguf-file.ts';
import { chooseFiles } from '#lib/files/choose-files.ts';
import { createListedFolder } from '#lib/files/listed-folder.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import type { Repo, RepoListing, RepoSource } from '#lib/files/repo.ts';

export interface CheckModelInput {
  repo: Repo;
  /** Longest sequence in tokens; the engine's own default without it. */
  contextLength?: number | undefined;
  /** How keys and values are kept; the engine's own default without it. */
  cache?: CacheDtype | undefined;
  /** Largest buffer that the device allows. */
  maxBindingBytes: number;
}

export type CheckModelEvent =
  | {
      type: 'listed';
      listing: RepoListing;
      kind: 'model' | 'adapter';
      downloadBytes: number;
      /** The GGUF files to choose from, and the one that is checked; none where the weights are in another form. */
      variants: readonly GgufVariant[];
      variant: string | null;
    }
  /** One for each format of weights, the largest first; none for an adapter, which has a place reserved by its model. */
  | { type: 'predicted'; prediction: LoadPrediction };

const DTYPES: readonly WeightDtype[] = ['f32', 'f16', 'q8', 'q4'];

/**
 * @example
 * import { checkModel } from '#lib/flows/check-model.ts';
 * import { parseRepo } from '#lib/files/parse-repo.ts';
 *
 * const repo = parseRepo('owner/name');
 * for await (const event of checkModel(pullContext, { repo, maxBindingBytes: 2 ** 27 }, { signal })) {
 *   if (event.type === 'predicted') show(`${event.prediction.dtype}: ${event.prediction.totalBytes} bytes`);
 * }
 */
export async function* checkModel(
  { source }: { source: RepoSource },
  { repo, contextLength, cache, maxBindingBytes }: CheckModelInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<CheckModelEvent, void, void> {
  const listing = await source.list(repo, signal);
  const { files, variants, variant } = chooseFiles(listing);
  const kind = files.some(({ path }) => path === 'adapter_config.json') ? 'adapter' : 'model';
  const downloadBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  yield { type: 'listed', listing, kind, downloadBytes, variants, variant };
  if (kind === 'adapter') return;
  const folder = createListedFolder(listing, source.reader(listing));
  const [{ path }] = files as [PinnedFile, ...PinnedFile[]];
  const plan = await readModelPlan(isGgufName(path) ? createGgufFileFolder(folder, path) : folder, signal);
  for (const dtype of DTYPES) {
    const request = { dtype, ...(contextLength !== undefined && { contextLength }), ...(cache && { cache }) };
    yield { type: 'predicted', prediction: await predictLoad(plan, request, { maxBindingBytes }) };
  }
}
