// Opens a model: fetches and checks its files, loads the weights onto the GPU, registers its adapters.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { eventsDuring } from '#lib/core/events-during.ts';
import type { FileRef, Folder, FolderRef } from '#lib/core/folder.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type {
  AdapterHost,
  AdapterInfo,
  CacheDtype,
  LoadEvent,
  LoadRequest,
  Runtime,
  RuntimeModel,
} from '#lib/engine/engine.ts';
import type { KeptFiles } from '#lib/engine/shell/kept-files.ts';
import type { FileEntry } from '#lib/files/file-entry.ts';
import { filesToKeep, readModelIndex, type IndexedAdapter, type ModelIndex } from '#lib/registry/model-index.ts';

export interface OpenModelContext {
  engine: Pick<Runtime & AdapterHost, 'load' | 'loadAdapter'>;
  openFolder(ref: FolderRef): Folder;
  /** This browser's private storage, or null where there is none. */
  openKeptFiles(name: string): Promise<KeptFiles | null>;
}

export interface OpenModelInput {
  /** A hosted model has an index and adapters; a folder is just a model. `keptHere`: its files were kept by this browser. */
  source: { kind: 'hosted'; url: string } | { kind: 'folder'; folder: FolderRef; keptHere?: boolean };
  dtype: WeightDtype;
  /** Longest sequence in tokens; the engine's own default without it. */
  contextLength?: number;
  /** How keys and values are kept; the engine's own default without it. */
  cache?: CacheDtype;
}

export type OpenModelEvent =
  | { type: 'index'; index: ModelIndex }
  | { type: 'fetching'; loadedBytes: number; totalBytes: number }
  | Extract<LoadEvent, { type: 'progress' }>
  | { type: 'model'; model: RuntimeModel }
  | { type: 'adapter'; adapter: AdapterInfo; entry: IndexedAdapter }
  | { type: 'adapter-refused'; entry: IndexedAdapter; error: PayableError }
  /** It answers. The stream ends when nothing of the load is left to do. */
  | { type: 'opened'; keptHere: boolean };

type Progress = Extract<OpenModelEvent, { type: 'fetching' }>;

/**
 * @example
 * import { openModel } from '#lib/flows/open-model.ts';
 *
 * const source = { kind: 'hosted', url: 'https://models.example/nano/index.json' } as const;
 * for await (const event of openModel(modelContext, { source, dtype: 'f16' }, { signal })) {
 *   if (event.type === 'fetching') show(`${event.loadedBytes} of ${event.totalBytes} bytes`);
 *   if (event.type === 'opened') show(event.keptHere ? 'Ready, also offline' : 'Ready');
 * }
 */
export async function* openModel(
  context: OpenModelContext,
  { source, ...how }: OpenModelInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<OpenModelEvent, void, void> {
  if (source.kind === 'folder') {
    const loading = load(context.engine, { model: source.folder, ...how }, signal);
    yield* untilModel(loading);
    yield { type: 'opened', keptHere: source.keptHere ?? false };
    await drain(loading);
    return;
  }
  const index = await readModelIndex(context.openFolder({ kind: 'url', url: source.url }), signal);
  yield { type: 'index', index };

  const store = await context.openKeptFiles(index.id);
  const kept = store ? yield* keep(store, source.url, filesToKeep(index), signal) : undefined;
  const place = (path: string): FolderRef =>
    kept
      ? { kind: 'files', name: path.split('/').at(-1) ?? path, files: below(kept.files, path) }
      : { kind: 'url', url: new URL(path, source.url).href };

  const loading = load(context.engine, { model: place(index.base), ...how }, signal);
  yield* untilModel(loading);
  // What the first answer can do without goes on meanwhile.
  const rest = drain(loading).catch(async (error: unknown) => {
    // Damaged files that are removed are fetched by the next load.
    if (error instanceof PayableError && error.code === 'engine/model-changed')
      for (const file of filesToKeep(index)) await store?.check(file, signal);
    throw error;
  });
  rest.catch(() => undefined);
  for (const entry of index.adapters) {
    if (signal.aborted) throw new AbortedError(signal.reason);
    try {
      yield { type: 'adapter', adapter: await context.engine.loadAdapter(place(entry.path)), entry };
    } catch (error) {
      if (!(error instanceof PayableError)) throw error;
      yield { type: 'adapter-refused', entry, error };
    }
  }
  yield { type: 'opened', keptHere: kept !== undefined };
  await rest;
}

async function* untilModel(loading: AsyncGenerator<OpenModelEvent, void, void>) {
  for (;;) {
    const { value, done } = await loading.next();
    if (done) return;
    yield value;
    if (value.type === 'model') return;
  }
}

async function drain(loading: AsyncGenerator<OpenModelEvent, void, void>): Promise<void> {
  while (!(await loading.next()).done);
}

async function* load(
  engine: OpenModelContext['engine'],
  request: LoadRequest,
  signal: AbortSignal,
): AsyncGenerator<OpenModelEvent, void, void> {
  for await (const event of engine.load(request, signal)) {
    yield event.type === 'ready' ? { type: 'model', model: event.model } : event;
  }
}

/** The files as kept in this browser, fetched first if necessary. */
async function* keep(
  store: KeptFiles,
  url: string,
  files: FileEntry[],
  signal: AbortSignal,
): AsyncGenerator<Progress, Extract<FolderRef, { kind: 'files' }> | undefined, void> {
  const present = await store.open(files);
  if (present) return present;

  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  yield* eventsDuring<Progress, unknown>((push) => {
    const onProgress = (loadedBytes: number) => push({ type: 'fetching', loadedBytes, totalBytes });
    onProgress(0);
    return store.fetch(url, files, { signal, onProgress });
  });
  // The new version is complete, so files that only the old one had can go.
  await store.keepOnly(files);
  return store.open(files);
}

const below = (files: readonly FileRef[], folder: string) =>
  files
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map((one) => ({ ...one, path: one.path.slice(folder.length + 1) }));
