// A version that a curator publishes, as a page shows it: what it would contain, how far publishing is, and the outcome. If another
// curator published first, publishing again builds on their version.

import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { readNextContributions, type NextContributions } from '#lib/datanets/contributions/next-contributions.ts';
import type { UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { publishVersion, type PublishEvent } from '#lib/flows/publish-version.ts';
import { Task } from './task.svelte.ts';

type Packed = Extract<PublishEvent, { type: 'packed' }>;

export class PublishState {
  /** What the next version would contain; null until that is read. */
  next: Pick<NextContributions, 'taken' | 'takenBack'> | null = $state.raw(null);
  /** Contributions that were opened, of how many; null when none is being opened. */
  opening: { contributions: number; ofContributions: number } | null = $state.raw(null);
  /** Rows read so far. */
  rows = $state(0);
  /** Files that were fetched, of how many; null when none is being fetched. */
  gathered: { files: number; ofFiles: number } | null = $state.raw(null);
  uploading: UploadProgress | null = $state.raw(null);
  packed: Packed | null = $state.raw(null);
  published: number | null = $state.raw(null);
  /** The version that another curator published first. */
  behind: number | null = $state.raw(null);
  readonly #context: () => Promise<DatanetContext>;
  readonly #task = new Task();
  #looks = 0;

  constructor(context: () => Promise<DatanetContext>) {
    this.#context = context;
  }

  get isWorking() {
    return this.#task.isRunning;
  }
  get problem() {
    return this.#task.problem;
  }

  /** Reads what the next version would contain. A failure is not shown: publishing would meet and report it. */
  async look(id: bigint): Promise<void> {
    const look = ++this.#looks;
    const next = await this.#context()
      .then((context) => readNextContributions(context, id))
      .catch(() => null);
    if (look === this.#looks) this.next = next;
  }

  /** True when it was published. */
  async publish(id: bigint): Promise<boolean> {
    if (this.isWorking) return false;
    this.#clear();
    await this.#task.start(async (signal) => {
      for await (const event of publishVersion(await this.#context(), id, { signal })) this.#take(event);
    });
    return this.published !== null;
  }

  #clear() {
    this.rows = 0;
    this.opening = this.gathered = this.uploading = this.packed = this.published = this.behind = null;
  }

  #take(event: PublishEvent) {
    this.opening = event.type === 'opening' ? event : null;
    this.gathered = event.type === 'gathering' ? event : null;
    this.uploading = event.type === 'uploading' ? event : null;
    if (event.type === 'assembling') this.rows = event.rows;
    else if (event.type === 'packed') this.packed = event;
    else if (event.type === 'published') this.published = event.n;
    else if (event.type === 'behind') this.behind = event.latest;
  }

  stop() {
    this.#task.stop();
  }
}
