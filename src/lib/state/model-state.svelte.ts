// The model in use: loading progress, adapters, engine figures. Folds the events of `flows/open-model`.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { Folder, FolderRef } from '#lib/core/folder.ts';
import type { AdapterInfo, EngineStats, Runtime, RuntimeModel } from '#lib/engine/engine.ts';
import type { PrebuiltModel } from '#lib/engine/prebuilt-model.ts';
import { abilityOf, can, RUNTIMES, type RuntimeKind, type RuntimeOf } from '#lib/engine/runtimes.ts';
import type { RuntimeClient } from '#lib/engine/shell/client.ts';
import type { KeptFiles } from '#lib/engine/shell/kept-files.ts';
import { checkKept } from '#lib/flows/check-kept.ts';
import type { ModelIndex } from '#lib/registry/model-index.ts';
import { openBaseOnly, type OpenBaseOnlyEvent } from '#lib/flows/open-base-only.ts';
import { openModel, type OpenModelEvent, type OpenModelInput } from '#lib/flows/open-model.ts';
import { toProblem, type Problem } from './problem.ts';
import { Rate } from '#lib/core/rate.ts';

export interface AdapterChoice {
  info: AdapterInfo;
  name: string;
  description: string;
  examples: string[];
}

export interface LoadProgress {
  phase: 'starting' | 'fetching' | 'reading' | 'weights' | 'compiling' | 'testing' | 'adapters';
  loadedBytes: number;
  totalBytes: number;
  bytesPerSecond: number;
}

export interface ModelDependencies {
  startRuntime(kind: RuntimeKind, onGone: (error: PayableError) => void): RuntimeClient;
  openFolder(ref: FolderRef): Folder;
  openKeptFiles(name: string): Promise<KeptFiles | null>;
  /** Null when this browser offers a GPU, else the reason. */
  findGpu(): Promise<Problem | null>;
  /** The files of this source are not what the hashes say that they are stored under. */
  onDamaged(source: ModelSource): void;
  now(): number;
}

/** A folder or a hosted model opens on every runtime that reads files; the others have models of their own. */
export type ModelSource = OpenModelInput['source'] | { kind: 'prebuilt'; model: PrebuiltModel } | { kind: 'built-in' };

/** The runtimes that read files. */
export type FileRuntimeKind = 'webgpu' | 'reference' | 'wllama';

/** Needs a GPU that the browser offers. */
const ON_GPU: readonly RuntimeKind[] = ['webgpu', 'web-llm'];

export class ModelState {
  status: 'idle' | 'no-gpu' | 'loading' | 'ready' | 'failed' = $state('idle');
  progress: LoadProgress | null = $state(null);
  problem: Problem | null = $state(null);
  info: RuntimeModel | null = $state.raw(null);
  /** Where the model runs, or will. */
  kind: RuntimeKind = $state('webgpu');
  /** The name to show: the index's, or the folder's. */
  name = $state('');
  isDemo = $state(false);
  adapters: AdapterChoice[] = $state.raw([]);
  /** Name of the adapter that is being added. */
  adding: string | null = $state(null);
  adapterProblem: Problem | null = $state(null);
  keptHere = $state(false);
  stats: EngineStats | null = $state.raw(null);
  /** What checking the kept files found, in words; null before the first check. */
  keptReport: string | null = $state(null);
  isChecking = $state(false);
  source: ModelSource | null = $state.raw(null);
  /** The same model on the product's own engine, once the runtime in use could not do what was wanted. */
  elsewhere: ModelSource | null = $state.raw(null);

  readonly #needs: ModelDependencies;
  #client: RuntimeClient | null = null;
  #fileKind: FileRuntimeKind = 'webgpu';
  #loading: AbortController | null = null;
  #index: ModelIndex | null = null;

  constructor(needs: ModelDependencies) {
    this.#needs = needs;
  }

  get engine(): Pick<Runtime, 'generate'> | null {
    return this.status === 'ready' ? (this.#client?.runtime ?? null) : null;
  }

  /** Shown beside every answer's model: where it runs, and what it cannot do. */
  get runtimeLabel(): string {
    return RUNTIMES[this.kind].label;
  }

  get hasAdapters(): boolean {
    return can(this.kind, 'adapters');
  }

  /**
   * Opens a model in place of the one in use. `fileKind` chooses among the runtimes that read files. Where a runtime needs a GPU and
   * there is none, it stops at `no-gpu`.
   */
  async open(source: ModelSource, how: Omit<OpenModelInput, 'source'>, fileKind = this.#fileKind) {
    const kind = source.kind === 'prebuilt' ? 'web-llm' : source.kind === 'built-in' ? 'prompt-api' : fileKind;
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#fileKind = fileKind;
    this.kind = kind;
    Object.assign(this, {
      elsewhere: null,
      problem: null,
      adapterProblem: null,
      info: null,
      stats: null,
      source,
      adapters: [],
      keptReport: null,
      keptHere: false,
    });
    this.#index = null;
    this.name = nameOf(source);
    this.isDemo = source.kind === 'hosted';
    this.progress = { phase: 'starting', loadedBytes: 0, totalBytes: 0, bytesPerSecond: 0 };
    this.status = 'loading';
    try {
      if (ON_GPU.includes(kind)) {
        const missing = await this.#needs.findGpu();
        if (loading.signal.aborted) return;
        if (missing) {
          Object.assign(this, { status: 'no-gpu', problem: missing, progress: null });
          return;
        }
      }
      const events = this.#follow(source, how, loading.signal);
      await events.next();
      this.status = 'ready';
      this.progress = null;
      // The rest of the load may still fail, and with it the model.
      void events.next().catch((error: unknown) => this.#failed(loading, error));
      await this.refreshStats();
    } catch (error) {
      this.#failed(loading, error);
    }
  }

  #failed(loading: AbortController, error: unknown) {
    if (this.#loading !== loading) return;
    this.progress = null;
    this.status = 'failed';
    this.problem = error instanceof AbortedError ? { message: 'Loading was stopped.' } : toProblem(error);
    const isDamaged = error instanceof PayableError && error.code === 'engine/model-changed';
    if (isDamaged && this.source) this.#needs.onDamaged(this.source);
  }

  stopLoading() {
    this.#loading?.abort();
  }

  #opening(
    source: ModelSource,
    how: Omit<OpenModelInput, 'source'>,
    signal: AbortSignal,
  ): AsyncIterable<OpenModelEvent | OpenBaseOnlyEvent> {
    const { contextLength } = how;
    const options = { signal };
    switch (source.kind) {
      case 'prebuilt': {
        const request = { model: source.model, ...(contextLength !== undefined && { contextLength }) };
        return openBaseOnly({ runtime: this.#connect('web-llm') }, request, options);
      }
      case 'built-in':
        return openBaseOnly({ runtime: this.#connect('prompt-api') }, {}, options);
      default: {
        const { openFolder, openKeptFiles } = this.#needs;
        const engine = this.#connect(this.#fileKind);
        return openModel({ engine, openFolder, openKeptFiles }, { source, ...how }, options);
      }
    }
  }

  /** Yields once, when the model answers. */
  async *#follow(
    source: ModelSource,
    how: Omit<OpenModelInput, 'source'>,
    signal: AbortSignal,
  ): AsyncGenerator<void, void, void> {
    const rate = new Rate();
    let phase: LoadProgress['phase'] = 'starting';
    const show = (next: LoadProgress['phase'], loadedBytes: number, totalBytes: number) => {
      if (next !== phase) rate.restart();
      phase = next;
      const bytesPerSecond = rate.at(loadedBytes, this.#needs.now());
      this.progress = { phase, loadedBytes, totalBytes, bytesPerSecond };
    };
    for await (const event of this.#opening(source, how, signal)) {
      if (signal.aborted) throw new AbortedError(signal.reason);
      switch (event.type) {
        case 'index':
          this.name = event.index.name;
          this.#index = event.index;
          break;
        case 'fetching':
          show('fetching', event.loadedBytes, event.totalBytes);
          break;
        case 'progress':
          show(event.phase, event.loadedBytes, event.totalBytes);
          break;
        case 'model':
          this.info = event.model;
          this.name ||= event.model.name;
          show('adapters', 0, 0);
          break;
        case 'adapter':
          this.#addChoice(event.adapter, event.entry);
          break;
        case 'adapter-refused':
          this.adapterProblem = { message: `${event.entry.name}: ${event.error.message}`, hint: event.error.hint };
          break;
        case 'opened':
          this.keptHere = event.keptHere;
          yield;
          break;
      }
    }
  }

  #addChoice(info: AdapterInfo, { name, description, examples }: Omit<AdapterChoice, 'info'>) {
    this.adapters = [
      ...this.adapters.filter((choice) => choice.info.id !== info.id),
      { info, name, description, examples },
    ];
  }

  /** Adds a PEFT folder to the model in use. Returns its id, or undefined when it was refused. */
  async addAdapter(
    folder: Extract<FolderRef, { kind: 'files' }>,
    description = 'Your own adapter, from this device.',
  ): Promise<string | undefined> {
    const client = this.status === 'ready' ? this.#client : null;
    this.adapterProblem = null;
    this.elsewhere = null;
    if (!client) {
      this.adapterProblem = {
        message: 'No model is loaded yet.',
        hint: 'Load the base model first, then its adapter.',
      };
      return undefined;
    }
    this.adding = folder.name;
    try {
      const info = await abilityOf(client, 'adapters').loadAdapter(folder);
      this.#addChoice(info, { name: folder.name, description, examples: [] });
      return info.id;
    } catch (error) {
      this.adapterProblem = toProblem(error);
      this.elsewhere = this.hasAdapters ? null : onOwnEngine(this.source);
      return undefined;
    } finally {
      this.adding = null;
      await this.refreshStats();
    }
  }

  /** Hashes the kept files again. */
  async checkKept() {
    const index = this.#index;
    const signal = this.#loading?.signal;
    if (!index || !signal || this.isChecking) return;
    this.isChecking = true;
    try {
      for await (const event of checkKept(this.#needs, { index }, { signal })) {
        if (event.type === 'checking') {
          this.keptReport = `Checking, ${Math.floor((100 * event.checkedBytes) / event.totalBytes)} % …`;
        } else if (event.damaged.length === 0) {
          this.keptReport = `All ${event.files} files are as they were published.`;
        } else {
          this.keptReport = `Damaged and removed: ${event.damaged.join(', ')}. Load the model again to fetch them.`;
        }
      }
    } catch (error) {
      this.keptReport = error instanceof AbortedError ? null : toProblem(error).message;
    } finally {
      this.isChecking = false;
    }
  }

  async refreshStats() {
    const client = this.status === 'ready' ? this.#client : null;
    if (!client || !this.hasAdapters) return;
    try {
      const infos = await abilityOf(client, 'adapters').listAdapters();
      this.stats = can(client.kind, 'stats') ? await abilityOf(client, 'stats').stats() : null;
      this.adapters = this.adapters.map((choice) => ({
        ...choice,
        info: infos.find(({ id }) => id === choice.info.id) ?? choice.info,
      }));
    } catch {
      // The older figures stay. A broken engine is reported by the request that fails.
    }
  }

  #connect<Kind extends RuntimeKind>(kind: Kind): RuntimeOf[Kind] {
    if (this.#client && this.#client.kind !== kind) {
      this.#client.close();
      this.#client = null;
    }
    this.#client ??= this.#needs.startRuntime(kind, (error) => {
      this.#client = null;
      Object.assign(this, { status: 'failed', problem: toProblem(error), progress: null });
    });
    return this.#client.runtime as RuntimeOf[Kind];
  }

  close() {
    this.#loading?.abort();
    this.#client?.close();
    this.#client = null;
  }
}

function nameOf(source: ModelSource): string {
  if (source.kind === 'prebuilt') return source.model.id;
  return source.kind === 'folder' && source.folder.kind === 'files' ? source.folder.name : '';
}

/** The model of a runtime without adapters, as a source for the product's own engine; null where it is not to be had. */
function onOwnEngine(source: ModelSource | null): ModelSource | null {
  if (source?.kind !== 'prebuilt' || source.model.original === null) return null;
  return {
    kind: 'folder',
    folder: { kind: 'url', url: `https://huggingface.co/${source.model.original}/resolve/main/` },
  };
}
