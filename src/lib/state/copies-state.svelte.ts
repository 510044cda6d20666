// The copies of a version as a page shows them: who keeps it, by their last answers. Keeps it here or at pinners, removes it here, and
// verifies the copy of this device.

import type { CID } from 'multiformats/cid';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import type { UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { findCopies, type Copy } from '#lib/flows/find-copies.ts';
import { keepCopies, type KeepInput } from '#lib/flows/keep-copies.ts';
import { unpin } from '#lib/ipfs/pins.ts';
import { verifyData, type Verified } from '#lib/ipfs/verify-data.ts';
import { Task } from './task.svelte.ts';

export interface CopiesNeeds {
  context(): Promise<DatanetContext>;
  fetch: typeof globalThis.fetch;
  nowMs(): number;
}

type ContextWork = (context: DatanetContext, signal: AbortSignal) => Promise<unknown>;

export class CopiesState {
  copies: readonly Copy[] = $state.raw([]);
  /** Milliseconds since 1970. */
  checkedAt: number | null = $state.raw(null);
  /** Blocks fetched or read so far. */
  figures: { blocks: number; bytes: number } | null = $state.raw(null);
  uploading: UploadProgress | null = $state.raw(null);
  verified: Verified | null = $state.raw(null);
  kept = $derived(this.copies.filter(({ state }) => state === 'kept').length);
  isHere = $derived(this.copies.some(({ at, state }) => at === null && state === 'kept'));
  readonly #needs: CopiesNeeds;
  readonly #task = new Task();
  #what = $state('');

  constructor(needs: CopiesNeeds) {
    this.#needs = needs;
  }

  /** What runs now, in words. */
  get busy() {
    return this.#task.isRunning ? this.#what : null;
  }
  get problem() {
    return this.#task.problem;
  }

  check = (root: CID) =>
    this.#work('Asking who keeps it…', async (context, signal) => {
      const { fetch, nowMs } = this.#needs;
      const found: Copy[] = [];
      const pinners = context.pinners.map(({ address }) => address);
      for await (const copy of findCopies(context.ipfs.node, root, { pinners, fetch, signal })) found.push(copy);
      this.copies = found;
      this.checkedAt = nowMs();
    });

  keepHere = (root: CID, name: string) => this.#keep('Fetching all of it…', { root, name, at: 'device' });

  keepAtPinners = (root: CID, name: string) => this.#keep('Having the pinners keep it…', { root, name, at: 'pinners' });

  remove = async (root: CID) => {
    if (await this.#work('Removing it…', ({ ipfs }) => unpin(ipfs.node, root))) await this.check(root);
  };

  /** Reads and hashes every block of this device. */
  verify = (roots: readonly CID[]) =>
    this.#work('Reading and hashing every block…', async ({ ipfs }, signal) => {
      this.verified = null;
      const onProgress = (figures: { blocks: number; bytes: number }) => (this.figures = figures);
      this.verified = await verifyData(ipfs.node, roots, { signal, onProgress });
    });

  stop() {
    this.#task.stop();
  }

  async #keep(what: string, input: KeepInput) {
    const isKept = await this.#work(what, async (context, signal) => {
      for await (const event of keepCopies(context, input, { signal })) {
        this.figures = event.type === 'fetching' ? event : null;
        this.uploading = event.type === 'uploading' ? event : null;
      }
    });
    if (isKept) await this.check(input.root);
  }

  #work(what: string, work: ContextWork): Promise<boolean> {
    return this.#task.start(async (signal) => {
      this.#what = what;
      this.figures = this.uploading = null;
      await work(await this.#needs.context(), signal);
    });
  }
}
