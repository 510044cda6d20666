// Who keeps a version, as a page shows it: the answers and when they came, keeping it here and at pinners, and reading all of it
// again to be sure.

import type { CID } from 'multiformats/cid';
import { AbortedError } from '#lib/core/errors.ts';
import { bringToPinners } from '#lib/datanets/pinners/bring-to-pinners.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { findCopies, type Copy } from '#lib/flows/find-copies.ts';
import { pin, unpin } from '#lib/ipfs/pins.ts';
import { verifyData, type Verified } from '#lib/ipfs/verify-data.ts';
import { toProblem, type Problem } from './problem.ts';

export interface CopiesNeeds {
  context(): Promise<DatanetContext>;
  fetch: typeof globalThis.fetch;
  nowMs(): number;
}

export class CopiesState {
  copies: readonly Copy[] = $state.raw([]);
  /** Milliseconds since 1970. */
  checkedAt: number | null = $state.raw(null);
  busy: string | null = $state(null);
  figures: { blocks: number; bytes: number } | null = $state.raw(null);
  verified: Verified | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  kept = $derived(this.copies.filter(({ state }) => state === 'kept').length);
  isHere = $derived(this.copies.some(({ at, state }) => at === null && state === 'kept'));
  readonly #needs: CopiesNeeds;
  #working = new AbortController();

  constructor(needs: CopiesNeeds) {
    this.#needs = needs;
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

  keepHere = (root: CID, name: string) =>
    this.#work('Fetching all of it…', async ({ ipfs }, signal) => {
      await ipfs.fetch(root, { signal, onProgress: (figures) => (this.figures = figures) });
      await pin(ipfs.node, root, { name, signal });
    }).then((isDone) => isDone && this.check(root));

  letGo = (root: CID) =>
    this.#work('Letting go…', ({ ipfs }) => unpin(ipfs.node, root)).then((isDone) => isDone && this.check(root));

  keepAtPinners = (root: CID, name: string) =>
    this.#work('Bringing it to the pinners…', async (context, signal) => {
      await context.ipfs.fetch(root, { signal, onProgress: (figures) => (this.figures = figures) });
      await bringToPinners(context, root, name, { signal });
    }).then((isDone) => isDone && this.check(root));

  /** Reads and hashes every block that is here. */
  verify = (roots: readonly CID[]) =>
    this.#work('Reading and hashing every block…', async ({ ipfs }, signal) => {
      this.verified = null;
      const onProgress = (figures: { blocks: number; bytes: number }) => (this.figures = figures);
      this.verified = await verifyData(ipfs.node, roots, { signal, onProgress });
    });

  stop() {
    this.#working.abort();
  }

  async #work(
    what: string,
    work: (context: DatanetContext, signal: AbortSignal) => Promise<unknown>,
  ): Promise<boolean> {
    if (this.busy !== null) return false;
    this.busy = what;
    this.problem = null;
    this.figures = null;
    this.#working = new AbortController();
    const { signal } = this.#working;
    try {
      await work(await this.#needs.context(), signal);
      return true;
    } catch (error) {
      if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
      return false;
    } finally {
      this.busy = null;
    }
  }
}
