// The model in use: loading progress, adapters, engine figures. Folds the events of `flows/open-model`.

import { AbortedError, type PayableError } from '#lib/core/errors.ts';
import type { Folder, FolderRef } from '#lib/core/folder.ts';
import type { AdapterInfo, Engine, EngineStats, ModelInfo } from '#lib/engine/engine.ts';
import type { EngineClient } from '#lib/engine/shell/client.ts';
import type { KeptFiles } from '#lib/engine/shell/kept-files.ts';
import { checkKept } from '#lib/flows/check-kept.ts';
import type { ModelIndex } from '#lib/registry/model-index.ts';
import { openModel, type OpenModelInput } from '#lib/flows/open-model.ts';
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
  startEngine(kind: 'webgpu' | 'reference', onGone: (error: PayableError) => void): EngineClient;
  openFolder(ref: FolderRef): Folder;
  openKeptFiles(name: string): Promise<KeptFiles | null>;
  /** Null when this browser offers a GPU, else the reason. */
  findGpu(): Promise<Problem | null>;
  now(): number;
}

export type ModelSource = OpenModelInput['source'];

export class ModelState {
  status: 'idle' | 'no-gpu' | 'loading' | 'ready' | 'failed' = $state('idle');
  progress: LoadProgress | null = $state(null);
  problem: Problem | null = $state(null);
  info: ModelInfo | null = $state.raw(null);
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

  readonly #needs: ModelDependencies;
  #client: EngineClient | null = null;
  #kind: 'webgpu' | 'reference' = 'webgpu';
  #loading: AbortController | null = null;
  #index: ModelIndex | null = null;

  constructor(needs: ModelDependencies) {
    this.#needs = needs;
  }

  get engine(): Engine | null {
    return this.status === 'ready' ? (this.#client?.engine ?? null) : null;
  }

  /** Opens a model in place of the one in use. Without a GPU it stops at `no-gpu`, unless `kind` is `reference`. */
  async open(source: ModelSource, how: Omit<OpenModelInput, 'source'>, kind = this.#kind) {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#kind = kind;
    Object.assign(this, {
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
    this.name = source.kind === 'folder' && source.folder.kind === 'files' ? source.folder.name : '';
    this.isDemo = source.kind === 'hosted';
    this.progress = { phase: 'starting', loadedBytes: 0, totalBytes: 0, bytesPerSecond: 0 };
    this.status = 'loading';
    try {
      if (kind === 'webgpu') {
        const missing = await this.#needs.findGpu();
        if (loading.signal.aborted) return;
        if (missing) {
          Object.assign(this, { status: 'no-gpu', problem: missing, progress: null });
          return;
        }
      }
      await this.#follow({ source, ...how }, loading.signal);
      this.status = 'ready';
      this.progress = null;
      await this.refreshStats();
    } catch (error) {
      if (this.#loading !== loading) return;
      this.progress = null;
      this.status = 'failed';
      this.problem = error instanceof AbortedError ? { message: 'Loading was stopped.' } : toProblem(error);
    }
  }

  stopLoading() {
    this.#loading?.abort();
  }

  async #follow(input: OpenModelInput, signal: AbortSignal) {
    const rate = new Rate();
    const engine = this.#connect();
    const context = { engine, openFolder: this.#needs.openFolder, openKeptFiles: this.#needs.openKeptFiles };
    let phase: LoadProgress['phase'] = 'starting';
    const show = (next: LoadProgress['phase'], loadedBytes: number, totalBytes: number) => {
      if (next !== phase) rate.restart();
      phase = next;
      const bytesPerSecond = rate.at(loadedBytes, this.#needs.now());
      this.progress = { phase, loadedBytes, totalBytes, bytesPerSecond };
    };
    for await (const event of openModel(context, input, { signal })) {
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
    const { engine } = this;
    this.adapterProblem = null;
    if (!engine) {
      this.adapterProblem = {
        message: 'No model is loaded yet.',
        hint: 'Load the base model first, then its adapter.',
      };
      return undefined;
    }
    this.adding = folder.name;
    try {
      const info = await engine.loadAdapter(folder);
      this.#addChoice(info, { name: folder.name, description, examples: [] });
      return info.id;
    } catch (error) {
      this.adapterProblem = toProblem(error);
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
    const { engine } = this;
    if (!engine) return;
    try {
      const [stats, infos] = await Promise.all([engine.stats(), engine.listAdapters()]);
      this.stats = stats;
      this.adapters = this.adapters.map((choice) => ({
        ...choice,
        info: infos.find(({ id }) => id === choice.info.id) ?? choice.info,
      }));
    } catch {
      // The older figures stay. A broken engine is reported by the request that fails.
    }
  }

  #connect(): Engine {
    if (this.#client && this.#client.kind !== this.#kind) {
      this.#client.close();
      this.#client = null;
    }
    this.#client ??= this.#needs.startEngine(this.#kind, (error) => {
      this.#client = null;
      Object.assign(this, { status: 'failed', problem: toProblem(error), progress: null });
    });
    return this.#client.engine;
  }

  close() {
    this.#loading?.abort();
    this.#client?.close();
    this.#client = null;
  }
}
