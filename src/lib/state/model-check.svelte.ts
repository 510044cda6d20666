// "Will it run here?": what a model of the hub, at an address or on IPFS would take on this device, judged before anything is downloaded.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { judgeFit, type FitVerdict } from '#lib/engine/judge-fit.ts';
import { isAddress, isOnIpfs, parseRepo } from '#lib/files/parse-repo.ts';
import { repoName, type Repo } from '#lib/files/repo.ts';
import type { CheckModelEvent, CheckModelInput } from '#lib/flows/check-model.ts';
import { chooseDtype } from '#lib/registry/choose-dtype.ts';
import type { LoadingSettings } from './settings.svelte.ts';
import { Task } from './task.svelte.ts';

export interface DeviceLimits {
  maxBindingBytes: number;
  /** Memory assumed for models; null where nothing is known. */
  memoryBytes: number | null;
}

export interface ModelCheckNeeds {
  check(input: CheckModelInput, signal: AbortSignal): AsyncIterable<CheckModelEvent>;
  limits(): Promise<DeviceLimits>;
  /** Bytes that can still be kept; null where the browser does not say. */
  freeBytes(): Promise<number | null>;
}

export interface CheckedFormat {
  dtype: WeightDtype;
  verdict: FitVerdict;
  totalBytes: number;
  contextLength: number;
}

export interface CheckedModel {
  /** With the GGUF file that was checked, where there are such. */
  repo: Repo;
  kind: 'model' | 'adapter';
  isGated: boolean;
  downloadBytes: number;
  freeBytes: number | null;
  limits: DeviceLimits;
  formats: readonly CheckedFormat[];
}

export class ModelCheckState {
  /** The repository in question, as it was chosen or typed; null while there is none. */
  asked: string | null = $state(null);
  found: CheckedModel | null = $state.raw(null);
  /** The GGUF files of the repository, also where the chosen one cannot be read. */
  variants: readonly { name: string; bytes: number }[] = $state.raw([]);
  variant: string | null = $state(null);
  dtype: WeightDtype = $state('f16');
  /** What was read from the text; null where it names nothing. */
  #repo: Repo | null = $state.raw(null);
  readonly #needs: ModelCheckNeeds;
  readonly #task = new Task();

  constructor(needs: ModelCheckNeeds) {
    this.#needs = needs;
  }

  get isRunning() {
    return this.#task.isRunning;
  }
  get problem() {
    return this.#task.problem;
  }

  /** Where the repository in question lies; null while there is none, or the text names none. */
  get origin(): 'hub' | 'ipfs' | 'address' | null {
    if (!this.#repo) return null;
    const { id } = this.#repo;
    return isOnIpfs(id) ? 'ipfs' : isAddress(id) ? 'address' : 'hub';
  }

  async check(text: string, how: LoadingSettings): Promise<void> {
    this.asked = text.trim();
    this.#forget();
    await this.#task.restart(async (signal) => {
      this.#repo = parseRepo(text);
      await this.#judge(this.#repo, how, signal);
    });
  }

  /** The same repository again, with another of its GGUF files where one is named. */
  async checkAgain(how: LoadingSettings, variant?: string): Promise<void> {
    const repo = this.#repo;
    if (!repo) return this.check(this.asked ?? '', how);
    this.found = null;
    const chosen = { ...repo, variant: variant ?? repo.variant };
    await this.#task.restart((signal) => this.#judge(chosen, how, signal));
  }

  async #judge(repo: Repo, how: LoadingSettings, signal: AbortSignal): Promise<void> {
    const { limits: readLimits, check, freeBytes } = this.#needs;
    this.asked = repoName(repo);
    const [limits, free] = await Promise.all([readLimits(), freeBytes()]);
    const { maxBindingBytes } = limits;
    const input = { repo, maxBindingBytes, ...how };
    let listed: Omit<CheckedModel, 'formats'> | undefined;
    const formats: CheckedFormat[] = [];
    for await (const event of check(input, signal)) {
      if (event.type === 'listed') {
        const { kind, downloadBytes, listing, variants, variant } = event;
        const { isGated } = listing;
        const checked = variant === null ? repo : { ...repo, variant };
        Object.assign(this, { asked: repoName(checked), variants, variant });
        listed = { repo: checked, kind, isGated, downloadBytes, freeBytes: free, limits };
      } else {
        const { dtype, contextLength, totalBytes } = event.prediction;
        formats.push({ dtype, contextLength, totalBytes, verdict: judgeFit(event.prediction, limits) });
      }
    }
    if (signal.aborted) return;
    this.found = listed ? { ...listed, formats } : null;
    this.dtype = chooseDtype(formats) ?? 'q4';
  }

  leave() {
    this.#task.stop();
    this.#task.problem = null;
    this.asked = null;
    this.#forget();
  }

  #forget() {
    Object.assign(this, { found: null, variants: [], variant: null });
    this.#repo = null;
  }
}
