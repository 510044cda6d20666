// What other runtimes offer on this device: the list of compiled models, read once it is wanted, and the browser's own model.

import type { PrebuiltModel } from '#lib/engine/prebuilt-model.ts';
import { parsePrebuiltList } from '#lib/registry/prebuilt-list.ts';
import { toProblem } from './problem.ts';

export interface RuntimeChoiceNeeds {
  readList(): Promise<string>;
  removeFiles(id: string): Promise<void>;
  /** WebGPU features that the device has. */
  gpuFeatures(): Promise<ReadonlySet<string>>;
  hasBuiltIn: boolean;
  isIsolated: boolean;
}

export class RuntimeChoiceState {
  prebuilt: PrebuiltModel[] | null = $state.raw(null);
  problem: string | null = $state(null);
  readonly hasBuiltIn: boolean;
  readonly isIsolated: boolean;
  readonly #needs: RuntimeChoiceNeeds;
  #reading: Promise<void> | null = null;

  constructor(needs: RuntimeChoiceNeeds) {
    this.#needs = needs;
    this.hasBuiltIn = needs.hasBuiltIn;
    this.isIsolated = needs.isIsolated;
  }

  /** Models that need what the device lacks are left out. */
  read(): Promise<void> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  async #read() {
    this.problem = null;
    try {
      const [list, features] = await Promise.all([this.#needs.readList(), this.#needs.gpuFeatures()]);
      this.prebuilt = parsePrebuiltList(list).filter((model) => model.features.every((one) => features.has(one)));
    } catch (error) {
      this.problem = toProblem(error).message;
      this.#reading = null;
    }
  }

  find(id: string): PrebuiltModel | undefined {
    return this.prebuilt?.find((model) => model.id === id);
  }

  async remove(id: string) {
    try {
      await this.#needs.removeFiles(id);
      this.problem = null;
    } catch (error) {
      this.problem = toProblem(error).message;
    }
  }
}
