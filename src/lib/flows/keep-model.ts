// Downloads a model or an adapter to this device and keeps a record of it: what it is, how far it is, why it stopped.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { KeptModel, KeptModelFile, KeptModels } from '#lib/db/kept-models.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import { placeOf, repoName, type Repo } from '#lib/files/repo.ts';
import type { PullModelEvent } from './pull-model.ts';

export interface KeepModelContext {
  /** `pullModel` of flows, in a worker or here. */
  pull(repo: Repo, signal: AbortSignal): AsyncIterable<PullModelEvent>;
  ledger: KeptModels;
  /** Milliseconds since 1970. */
  today(): number;
}

export interface KeepModelInput {
  repo: Repo;
  /** How its weights are to be loaded. */
  dtype: WeightDtype;
  /** Of an adapter: the repository of the model that it is for. */
  base?: string | undefined;
}

export type KeepModelEvent =
  | Exclude<PullModelEvent, { type: 'listed' | 'pulled' }>
  /** It is in the ledger from now on. */
  | { type: 'recorded'; model: KeptModel }
  | { type: 'kept'; id: string };

/** How often the ledger learns how far a download is. Other tabs read it there. */
const RECORD_MS = 1000;

/**
 * Stopped by its signal, it is `paused` in the ledger; cut off by the end of the page it stays `downloading`. Called again for the same
 * commit it goes on where it was.
 *
 * @example
 * import { keepModel } from '#lib/flows/keep-model.ts';
 * import { parseRepo } from '#lib/files/parse-repo.ts';
 *
 * const repo = parseRepo('owner/name');
 * for await (const event of keepModel(keepContext, { repo, dtype: 'f16' }, { signal })) {
 *   if (event.type === 'progress') show(`${event.doneBytes} of ${event.totalBytes} bytes`);
 *   if (event.type === 'kept') show(`${event.id} is on this device`);
 * }
 */
export async function* keepModel(
  { pull, ledger, today }: KeepModelContext,
  { repo, dtype, base }: KeepModelInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<KeepModelEvent, void, void> {
  let id: string | null = null;
  let files: readonly KeptModelFile[] = [];
  let recordedAt = -Infinity;
  /** What the ledger says when this ends in any way. */
  let end: Partial<KeptModel> = { state: 'paused' };
  try {
    for await (const event of pull(repo, signal)) {
      if (event.type === 'listed') {
        const { commit } = event.listing;
        id = placeOf(event.listing);
        const { doneBytes = 0, ...known }: Partial<KeptModel> = (await ledger.get(id)) ?? {};
        const model: KeptModel = {
          ...{ isPinned: false, addedAt: today(), usedAt: null, base: base ?? null },
          ...known,
          ...{ id, repo: repoName(repo), commit, dtype, doneBytes },
          kind: event.files.some(({ path }) => path === 'adapter_config.json') ? 'adapter' : 'model',
          totalBytes: event.files.reduce((sum, { bytes }) => sum + bytes, 0),
          files: withHashes(event.files, known.files ?? []),
          state: 'downloading',
          problem: null,
        };
        ({ files } = model);
        await ledger.put(model);
        yield { type: 'recorded', model };
        continue;
      }
      if (event.type === 'pulled') {
        end.state = 'complete';
        continue;
      }
      if (event.type === 'file' && id !== null) {
        const { path, hash } = event;
        const sha256 = sha256In(hash);
        files = files.map((file) =>
          file.path === path && file.hash !== hash && sha256 !== undefined ? { ...file, sha256 } : file,
        );
        await ledger.update(id, { files });
      }
      if (event.type === 'planned') end.doneBytes = event.presentBytes;
      if (event.type === 'progress') end.doneBytes = event.doneBytes;
      const at = today();
      if (id !== null && end.doneBytes !== undefined && at - recordedAt >= RECORD_MS) {
        recordedAt = at;
        await ledger.update(id, { doneBytes: end.doneBytes });
      }
      yield event;
    }
  } catch (error) {
    if (error instanceof PayableError && !(error instanceof AbortedError)) {
      end.problem = { message: error.message, hint: error.hint };
      // The other tab says how far it is.
      if (error.code === 'shell/place-busy') end = {};
    }
    throw error;
  } finally {
    if (id !== null) await ledger.update(id, end);
  }
  if (id !== null) yield { type: 'kept', id };
}

const sha256In = (hash: string): string | undefined => /^sha256:([0-9a-f]{64})$/.exec(hash)?.[1];

/** The files of a listing, with what earlier attempts found in those that they finished. */
const withHashes = (files: readonly PinnedFile[], known: readonly KeptModelFile[]): KeptModelFile[] =>
  files.map(({ path, bytes, hash }) => {
    const sha256 = known.find((one) => one.path === path && one.hash === hash)?.sha256;
    return { path, bytes, hash, ...(sha256 !== undefined && { sha256 }) };
  });
