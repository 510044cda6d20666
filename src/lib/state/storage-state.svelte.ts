// What this device keeps of IPFS, as a page shows it: pins and their sizes, room, checking and cleaning up.

import { AbortedError } from '#lib/core/errors.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import { cleanUp, listPins, unpin, type Pin } from '#lib/ipfs/pins.ts';
import { verifyData, type Verified } from '#lib/ipfs/verify-data.ts';
import { toProblem, type Problem } from './problem.ts';

export interface StorageNeeds {
  open(): Promise<{ node: IpfsNode; persist(): Promise<boolean> }>;
  /** Bytes used by this origin and its room; null where the browser does not say. */
  estimate(): Promise<{ usage: number; quota: number } | null>;
}

export class StorageState {
  pins: readonly Pin[] | null = $state.raw(null);
  room: { usage: number; quota: number } | null = $state.raw(null);
  isPersisted: boolean | null = $state.raw(null);
  busy: string | null = $state(null);
  figures: { blocks: number; bytes: number } | null = $state.raw(null);
  verified: Verified | null = $state.raw(null);
  outcome = $state('');
  problem: Problem | null = $state.raw(null);
  readonly #needs: StorageNeeds;
  #working = new AbortController();

  constructor(needs: StorageNeeds) {
    this.#needs = needs;
  }

  load = () => this.#work('Reading what is kept…', (node) => this.#read(node));

  letGo = (pin: Pin) =>
    this.#work('Letting go…', async (node) => {
      await unpin(node, pin.root);
      await this.#read(node);
    });

  cleanUp = () =>
    this.#work('Removing what nothing keeps…', async (node, signal) => {
      const removed = await cleanUp(node, { signal });
      this.outcome = removed === 1 ? 'One block was removed.' : `${removed} blocks were removed.`;
      await this.#read(node);
    });

  verify = () =>
    this.#work('Reading and hashing every block…', async (node, signal) => {
      const roots = (this.pins ?? []).map(({ root }) => root);
      const onProgress = (figures: { blocks: number; bytes: number }) => (this.figures = figures);
      this.verified = await verifyData(node, roots, { signal, onProgress });
    });

  persist = async () => {
    this.isPersisted = await (await this.#needs.open()).persist();
  };

  stop() {
    this.#working.abort();
  }

  async #read(node: IpfsNode) {
    const pins: Pin[] = [];
    for await (const pin of listPins(node)) pins.push(pin);
    this.pins = pins.sort((a, b) => (a.name < b.name ? -1 : 1));
    this.room = await this.#needs.estimate();
  }

  async #work(what: string, work: (node: IpfsNode, signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.busy !== null) return;
    this.busy = what;
    this.problem = null;
    this.figures = null;
    this.outcome = '';
    this.#working = new AbortController();
    const { signal } = this.#working;
    try {
      await work((await this.#needs.open()).node, signal);
    } catch (error) {
      if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
    } finally {
      this.busy = null;
    }
  }
}
