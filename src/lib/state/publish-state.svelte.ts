// A version in the making: what it would take, how far it is, and what became of it; who comes second may go on upon the first.

import { AbortedError } from '#lib/core/errors.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { readNextContributions, type NextContributions } from '#lib/datanets/contributions/next-contributions.ts';
import { publishVersion, type PublishEvent } from '#lib/flows/publish-version.ts';
import { toProblem, type Problem } from './problem.ts';

type Packed = Extract<PublishEvent, { type: 'packed' }>;

export class PublishState {
  /** What the next version would be made of; null while that is not known. */
  next: Pick<NextContributions, 'taken' | 'takenBack'> | null = $state.raw(null);
  isWorking = $state(false);
  /** Rows read so far. */
  rows = $state(0);
  /** Files that have come here, of how many; null while none is waited for. */
  gathered: { files: number; ofFiles: number } | null = $state.raw(null);
  packed: Packed | null = $state.raw(null);
  published: number | null = $state.raw(null);
  /** The version that somebody else published first. */
  behind: number | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  readonly #context: () => Promise<DatanetContext>;
  #working = new AbortController();
  #looks = 0;

  constructor(context: () => Promise<DatanetContext>) {
    this.#context = context;
  }

  /** What the chain and the newest version say now; that the version cannot be had is said when it is published. */
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
    this.isWorking = true;
    this.rows = 0;
    this.gathered = this.packed = this.published = this.behind = this.problem = null;
    this.#working = new AbortController();
    const { signal } = this.#working;
    try {
      for await (const event of publishVersion(await this.#context(), id, { signal })) {
        if (event.type === 'assembling') this.rows = event.rows;
        else if (event.type === 'packed') this.packed = event;
        else if (event.type === 'gathering') this.gathered = event;
        else if (event.type === 'brought') this.gathered = null;
        else if (event.type === 'published') this.published = event.n;
        else this.behind = event.latest;
      }
    } catch (error) {
      if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
    } finally {
      this.isWorking = false;
    }
    return this.published !== null;
  }

  stop() {
    this.#working.abort();
  }
}
