// The model of the hub that is proposed on the first screen. The device's speed is measured once and kept in this browser.

import type { DeviceSpeed } from '#lib/engine/measure-speed.ts';
import type { Catalogue } from '#lib/registry/catalogue.ts';
import { proposeModel, type Proposal } from '#lib/registry/propose-model.ts';

export interface ProposalNeeds {
  readCatalogue(): Promise<Catalogue>;
  measure(): Promise<DeviceSpeed>;
  limits(): Promise<{ memoryBytes: number | null; gpu: string }>;
  freeBytes(): Promise<number | null>;
  storage: Pick<Storage, 'getItem' | 'setItem'> | null;
}

const KEY = 'payable:speed';

export class ProposalState {
  found: Proposal | null = $state.raw(null);
  #isAsked = false;
  readonly #needs: ProposalNeeds;

  constructor(needs: ProposalNeeds) {
    this.#needs = needs;
  }

  /** Once a visit. Without a GPU, or where it cannot be measured, nothing is proposed; the list shows all models. */
  async find(): Promise<void> {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const { readCatalogue, limits, freeBytes } = this.#needs;
    try {
      const [{ models }, { memoryBytes, gpu }, free] = await Promise.all([readCatalogue(), limits(), freeBytes()]);
      const speed = await this.#speedOf(gpu);
      this.found = proposeModel(models, { speed, memoryBytes, freeBytes: free });
    } catch {
      this.found = null;
    }
  }

  /** As it was measured on the same GPU before. */
  async #speedOf(gpu: string): Promise<DeviceSpeed> {
    const { storage, measure } = this.#needs;
    const known = readSpeed(storage?.getItem(KEY) ?? null, gpu);
    if (known) return known;
    const speed = await measure();
    try {
      storage?.setItem(KEY, JSON.stringify({ gpu, ...speed }));
    } catch {
      // If storage is full or blocked, the next visit measures again.
    }
    return speed;
  }
}

function readSpeed(text: string | null, gpu: string): DeviceSpeed | null {
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<DeviceSpeed> & { gpu?: unknown };
    const { f16, q8, q4 } = kept.bytesPerSecond ?? { f16: 0, q8: 0, q4: 0 };
    const { dispatchSeconds } = kept;
    const isRight = kept.gpu === gpu && [f16, q8, q4, dispatchSeconds].every((figure) => Number(figure) > 0);
    return isRight && dispatchSeconds !== undefined ? { bytesPerSecond: { f16, q8, q4 }, dispatchSeconds } : null;
  } catch {
    return null;
  }
}
