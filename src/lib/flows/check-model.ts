// What a model of the hub would take on this device, before anything of it is downloaded: from its list of files, its config.json and the
// headers of its weights.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { predictLoad, readModelPlan, type LoadPrediction } from '#lib/engine/predict-load.ts';
import type { GgufVariant } from '#lib/formats/model/gguf-variants.ts';
import { createGgufFileFolder } from '#lib/model/sources/gguf-file.ts';
import { chooseFiles } from '#lib/files/hub/choose-files.ts';
import type { Hub } from '#lib/files/hub/hub.ts';
import type { HubRepo } from '#lib/files/hub/hub-repo.ts';
import type { HubListing } from '#lib/files/hub/list-hub-files.ts';

export interface CheckModelInput {
  repo: HubRepo;
  /** Longest sequence in tokens; the engine's own default without it. */
  contextLength?: number | undefined;
  /** Largest buffer that the device allows. */
  maxBindingBytes: number;
}

export type CheckModelEvent =
  | {
      type: 'listed';
      listing: HubListing;
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
 * import { parseHubRepo } from '#lib/files/hub/hub-repo.ts';
 *
 * const repo = parseHubRepo('owner/name');
 * for await (const event of checkModel(pullContext, { repo, maxBindingBytes: 2 ** 27 }, { signal })) {
 *   if (event.type === 'predicted') show(`${event.prediction.dtype}: ${event.prediction.totalBytes} bytes`);
 * }
 */
export async function* checkModel(
  { hub }: { hub: Hub },
  { repo, contextLength, maxBindingBytes }: CheckModelInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<CheckModelEvent, void, void> {
  const listing = await hub.list(repo, signal);
  const { files, variants, variant } = chooseFiles(listing);
  const kind = files.some(({ path }) => path === 'adapter_config.json') ? 'adapter' : 'model';
  const downloadBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  yield { type: 'listed', listing, kind, downloadBytes, variants, variant };
  if (kind === 'adapter') return;
  const folder = hub.folder(listing);
  const plan = await readModelPlan(variant === null ? folder : createGgufFileFolder(folder, files[0]!.path), signal);
  for (const dtype of DTYPES) {
    const request = { dtype, ...(contextLength !== undefined && { contextLength }) };
    yield { type: 'predicted', prediction: await predictLoad(plan, request, { maxBindingBytes }) };
  }
}
