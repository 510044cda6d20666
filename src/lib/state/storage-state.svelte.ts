// What this device keeps of IPFS, as a page shows it: pins and their sizes, the space in use, verifying and cleaning up.

import type { IpfsNode } from '#lib/ipfs/node.ts';
import { cleanUp, listPins, unpin, type Pin } from '#lib/ipfs/pins.ts';
import { verifyData, type Verified } from '#lib/ipfs/verify-data.ts';
import { Task } from './task.svelte.ts';

export interface StorageNeeds {
  open(): Promise<{ node: IpfsNode; persist(): Promise<boolean> }>;
  /** Bytes that this origin uses and may use; null where the browser does not say. */
  estimate(): Promise<{ usage: number; quota: number } | null>;
}

export class StorageState {
  pins: readonly Pin[] | null = $state.raw(null);
  room: { usage: number; quota: number } | null = $state.raw(null);
  /** Whether the browser promised not to delete it; null until it was asked. */
  isPersisted: boolean | null = $state.raw(null);
  figures: { blocks: number; bytes: number } | null = $state.raw(null);
  verified: Verified | null = $state.raw(null);
  outcome = $state('');
  readonly #needs: StorageNeeds;
  readonly #task = new Task();
  #what = $state('');

  constructor(needs: StorageNeeds) {
    this.#needs = needs;
  }

  /** What runs now, in words. */
  get busy() {
    return this.#task.isRunning ? this.#what : null;
  }
  get problem() {
    return this.#task.problem;
  }

  load = () => this.#work('Reading what is kept…', (node) => this.#read(node));

  remove = (pin: Pin) =>
    this.#work('Removing it…', async (node) => {
      await unpin(node, pin.root);
      await this.#read(node);
    });

  cleanUp = () =>
    this.#work('Removing blocks that no pin needs…', async (node, signal) => {
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
    this.#task.stop();
  }

  async #read(node: IpfsNode) {
    const pins: Pin[] = [];
    for await (const pin of listPins(node)) pins.push(pin);
    this.pins = pins.sort((a, b) => (a.name < b.name ? -1 : 1));
    this.room = await this.#needs.estimate();
  }

  #work(what: string, work: (node: IpfsNode, signal: AbortSignal) => Promise<void>): Promise<boolean> {
    return this.#task.start(async (signal) => {
      this.#what = what;
      this.figures = null;
      this.outcome = '';
      await work((await this.#needs.open()).node, signal);
    });
  }
}
