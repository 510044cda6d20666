// A contribution under review as a page shows it: its rows and how each compares, the curator's decisions and the judgement. Decisions
// are kept on this device until they are signed.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { ReviewDrafts } from '#lib/db/review-drafts.ts';
import type { ComparedRow, Standing } from '#lib/datanets/contributions/compare-contribution.ts';
import type { ChainContribution } from '#lib/datanets/contributions/chain-contributions.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import type { UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import type { DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { judgeContributions } from '#lib/flows/judge-contributions.ts';
import { reviewContribution, type ReviewEvent } from '#lib/flows/review-contribution.ts';
import { toProblem } from './problem.ts';
import { ReviewDecisions } from './review-decisions.svelte.ts';
import { Task } from './task.svelte.ts';

export type StandingKind = Standing['kind'];

export interface ReviewedRow extends ComparedRow {
  leaf: Hex;
  /** Id of the row that this one repeats, if any. */
  first: string | null;
}

/** Most rows that are held and shown; a larger contribution is judged as a whole. */
const MAX_ROWS = 100_000;
const DUPLICATE: Partial<Record<StandingKind, string>> = {
  same: 'Repeats another row.',
  near: 'Nearly repeats another row.',
  conflict: 'Has the id of another contributor’s row.',
};

export class ReviewState {
  contribution: ChainContribution | null = $state.raw(null);
  rows: readonly ReviewedRow[] = $state.raw([]);
  readonly decisions = new ReviewDecisions(() => void this.#keep());
  isTooLarge = $state(false);
  undecided = $derived(
    this.decisions.isRestAccepted ? 0 : this.rows.length - this.decisions.rejected.size - this.decisions.accepted.size,
  );
  /** Earlier contributions that could not be read, so that rows are not compared with them. */
  unread = $state(0);
  outcome = $state('');
  isJudging = $state(false);
  uploading: UploadProgress | null = $state.raw(null);
  counts: Record<StandingKind, number> = $derived.by(() => {
    const counts = { new: 0, same: 0, near: 0, edit: 0, conflict: 0 };
    for (const { standing } of this.rows) counts[standing.kind]++;
    return counts;
  });
  readonly #context: () => Promise<DatanetContext>;
  readonly #drafts: ReviewDrafts;
  readonly #task = new Task();
  #comparing: { rows: number; of: number } | null = $state.raw(null);

  constructor(context: () => Promise<DatanetContext>, drafts: ReviewDrafts) {
    this.#context = context;
    this.#drafts = drafts;
  }

  /** Rows read for the comparison; null when none is under way. */
  get progress() {
    return this.#task.isRunning ? this.#comparing : null;
  }
  get problem() {
    return this.#task.problem;
  }

  /** Fetches, proves and compares a contribution, in place of the one that is open. */
  async open(facts: DatanetFacts, contribution: ChainContribution): Promise<void> {
    this.close();
    this.contribution = contribution;
    await this.#task.restart(async (signal) => {
      // From the start, so that nothing can be judged before it is read.
      this.#comparing = { rows: 0, of: contribution.rows };
      const rows: ReviewedRow[] = [];
      const input = { facts, contribution, maxRows: MAX_ROWS };
      for await (const event of reviewContribution(await this.#context(), input, { signal })) {
        signal.throwIfAborted();
        this.#take(event, rows);
      }
      if (this.isTooLarge) return;
      const draft = await this.#drafts.get(contribution.content);
      signal.throwIfAborted();
      if (draft) this.decisions.load(draft);
      this.rows = rows;
    });
  }

  #take(event: ReviewEvent, rows: ReviewedRow[]) {
    if (event.type === 'comparing') this.#comparing = { rows: event.rows, of: event.ofRows };
    else if (event.type === 'unread') this.unread++;
    else if (event.type === 'too-large') {
      this.isTooLarge = true;
      this.#task.problem = {
        message: `It has ${this.contribution!.rows} rows; at most ${MAX_ROWS} are looked at one by one.`,
        hint: 'Accept or reject it as a whole.',
      };
    } else rows.push(...event.rows.map((one) => ({ ...one, leaf: toHex(one.row.leaf), first: firstOf(one.standing) })));
  }

  /** Rejects all rows of a kind; the kind is the reason. */
  rejectAll(kind: StandingKind) {
    const rows = this.rows.filter(({ standing }) => standing.kind === kind);
    this.decisions.reject(rows, DUPLICATE[kind] ?? 'Not taken.');
  }

  async #keep() {
    if (!this.contribution) return;
    const { content } = this.contribution;
    await this.#drafts.put({ content, ...this.decisions.draft() }).catch((error: unknown) => {
      this.#task.problem = toProblem(error);
    });
  }

  /**
   * Signs the judgement and sends it, once every row has a decision; with `refusal` all rows are rejected for that reason. True when
   * the chain has it.
   */
  async judge(facts: DatanetFacts, refusal: string | null = null): Promise<boolean> {
    const { contribution } = this;
    if (!contribution || this.isJudging || (refusal === null && this.undecided > 0)) return false;
    this.isJudging = true;
    this.outcome = '';
    this.#comparing = null;
    const { number, content, rows } = contribution;
    const decision = { number, content, rows, rejected: this.decisions.draft().rejected, refusal };
    const judged = { isDone: false };
    await this.#task.restart(async (signal) => {
      for await (const event of judgeContributions(await this.#context(), facts, [decision], { signal })) {
        this.uploading = event.type === 'uploading' ? event : null;
        if (event.type === 'judged') judged.isDone = event.isDone;
      }
      if (judged.isDone) await this.#drafts.remove(content);
    });
    this.isJudging = false;
    this.uploading = null;
    if (judged.isDone) this.outcome = `Contribution ${number} is judged.`;
    return judged.isDone;
  }

  stop() {
    this.#task.stop();
  }
  close() {
    this.stop();
    this.contribution = this.#comparing = this.#task.problem = null;
    this.rows = [];
    this.decisions.clear();
    this.isTooLarge = false;
    this.unread = 0;
  }
}

const firstOf = (standing: Standing): string | null =>
  standing.kind === 'same' || standing.kind === 'near' ? standing.first.id : null;
