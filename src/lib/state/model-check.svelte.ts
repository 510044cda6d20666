// "Will it run here?": what a model of the hub would take on this device, judged before anything is downloaded.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { judgeFit, type FitVerdict } from '#lib/engine/judge-fit.ts';
import { hubName, parseHubRepo, type HubRepo } from '#lib/files/hub/hub-repo.ts';
import type { CheckModelEvent } from '#lib/flows/check-model.ts';
import { chooseDtype } from '#lib/registry/choose-dtype.ts';
import { Task } from './task.svelte.ts';

export interface DeviceLimits {
  maxBindingBytes: number;
  /** Memory assumed for models; null where nothing is known. */
  memoryBytes: number | null;
}

export interface ModelCheckNeeds {
  check(
    input: { repo: HubRepo; contextLength?: number | undefined; maxBindingBytes: number },
    signal: AbortSignal,
  ): AsyncIterable<CheckModelEvent>;
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
  repo: HubRepo;
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
  /** What was read from the text; null where it names no repository. */
  #repo: HubRepo | null = null;
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

  /** `contextLength` of 0 leaves it to the engine. */
  async check(text: string, contextLength: number): Promise<void> {
    this.asked = text.trim();
    this.#forget();
    await this.#task.restart(async (signal) => {
      this.#repo = parseHubRepo(text);
      await this.#judge(this.#repo, contextLength, signal);
    });
  }

  /** The same repository again, with another of its GGUF files where one is named. */
  async checkAgain(contextLength: number, variant?: string): Promise<void> {
    const repo = this.#repo;
    if (!repo) return this.check(this.asked ?? '', contextLength);
    this.found = null;
    const chosen = { ...repo, variant: variant ?? repo.variant };
    await this.#task.restart((signal) => this.#judge(chosen, contextLength, signal));
  }

  async #judge(repo: HubRepo, contextLength: number, signal: AbortSignal): Promise<void> {
    const { limits: readLimits, check, freeBytes } = this.#needs;
    this.asked = hubName(repo);
    const [limits, free] = await Promise.all([readLimits(), freeBytes()]);
    const { maxBindingBytes } = limits;
    const input = { repo, maxBindingBytes, ...(contextLength > 0 && { contextLength }) };
    let listed: Omit<CheckedModel, 'formats'> | undefined;
    const formats: CheckedFormat[] = [];
    for await (const event of check(input, signal)) {
      if (event.type === 'listed') {
        const { kind, downloadBytes, listing, variants, variant } = event;
        const { isGated } = listing;
        const checked = variant === null ? repo : { ...repo, variant };
        Object.assign(this, { asked: hubName(checked), variants, variant });
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
