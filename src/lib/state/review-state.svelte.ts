// A contribution under review: its rows and how each stands, what the curator decided, with undo, and the judgement. Decisions are
// kept on this device until they are signed.

import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { AbortedError } from '#lib/core/errors.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { ReviewDrafts } from '#lib/db/review-drafts.ts';
import {
  compareContribution,
  type ComparedRow,
  type Standing,
} from '#lib/datanets/contributions/compare-contribution.ts';
import type { OpenContribution } from '#lib/datanets/contributions/contribution-reader.ts';
import { contributionsOf, type ChainContribution } from '#lib/datanets/contributions/chain-contributions.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { judgeContributions } from '#lib/flows/judge-contributions.ts';
import { openProven } from '#lib/datanets/contributions/open-proven.ts';
import { openPublished, type DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { toProblem, type Problem } from './problem.ts';

export type StandingKind = Standing['kind'];

export interface ReviewedRow extends ComparedRow {
  leaf: Hex;
}

export interface Rejection {
  reason: string;
  /** Id of the row that said it first. */
  first: string | null;
}

export type DecisionOf = 'accepted' | 'rejected' | null;

/** What a step of deciding changed, to take it back. */
interface Before {
  rows: (readonly [Hex, Rejection | 'accepted' | undefined])[];
  isRestAccepted: boolean;
}

/** Most rows that are held and shown; larger ones are judged whole. */
const MOST_ROWS = 100_000;
const DUPLICATE: Partial<Record<StandingKind, string>> = {
  same: 'Repeats another row.',
  near: 'Nearly repeats another row.',
  conflict: 'Has the id of somebody else’s row.',
};

export class ReviewState {
  contribution: ChainContribution | null = $state.raw(null);
  rows: readonly ReviewedRow[] = $state.raw([]);
  readonly rejected = new SvelteMap<Hex, Rejection>();
  readonly accepted = new SvelteSet<Hex>();
  /** Somebody said so of all rows that were decided in no other way. */
  isRestAccepted = $state(false);
  /** It has too many rows to be looked at one by one. */
  isTooLarge = $state(false);
  /** Rows of which nothing is decided. */
  undecided = $derived(this.isRestAccepted ? 0 : this.rows.length - this.rejected.size - this.accepted.size);
  progress: { rows: number; of: number } | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  /** Earlier contributions that could not be read, so that nothing was held against them. */
  unread = $state(0);
  outcome = $state('');
  isJudging = $state(false);
  counts: Record<StandingKind, number> = $derived.by(() => {
    const counts = { new: 0, same: 0, near: 0, edit: 0, conflict: 0 };
    for (const { standing } of this.rows) counts[standing.kind]++;
    return counts;
  });
  canUndo = $state(false);
  readonly #context: () => Promise<DatanetContext>;
  readonly #drafts: ReviewDrafts;
  #working = new AbortController();
  #before: Before[] = [];

  constructor(context: () => Promise<DatanetContext>, drafts: ReviewDrafts) {
    this.#context = context;
    this.#drafts = drafts;
  }

  /** Fetches, proves and compares a contribution. */
  async open(facts: DatanetFacts, contribution: ChainContribution): Promise<void> {
    this.close();
    this.contribution = contribution;
    await this.#work(async (signal) => {
      // Nothing is decided of what is not read yet.
      this.progress = { rows: 0, of: contribution.rows };
      const context = await this.#context();
      const open = await openProven(context, facts, contribution, signal);
      if (contribution.rows > MOST_ROWS) {
        this.isTooLarge = true;
        this.problem = {
          message: `It has ${contribution.rows} rows; at most ${MOST_ROWS} are looked at one by one.`,
          hint: 'Accept or reject it as a whole.',
        };
        return;
      }
      const version = facts.versions > 0 ? (await openPublished(context, facts, facts.versions, signal)).version : null;
      const earlier = await this.#earlier(context, facts, contribution, signal);
      const rows: ReviewedRow[] = [];
      const onProgress = (read: number, of: number) => (this.progress = { rows: read, of });
      const options = { digester: context.digester, earlier, onProgress, signal };
      for await (const batch of compareContribution(open, version, options)) {
        rows.push(...batch.map((one) => ({ ...one, leaf: toHex(one.row.leaf) })));
      }
      const draft = await this.#drafts.get(contribution.content);
      for (const { leaf, reason, first } of draft?.rejected ?? []) this.rejected.set(leaf as Hex, { reason, first });
      for (const leaf of draft?.accepted ?? []) this.accepted.add(leaf as Hex);
      this.isRestAccepted = draft?.isRestAccepted ?? false;
      this.rows = rows;
    });
  }

  /** Those that came before and no version holds yet; who was first is credited. */
  async #earlier(context: DatanetContext, facts: DatanetFacts, { number }: ChainContribution, signal: AbortSignal) {
    const before = contributionsOf(await context.records('contributions'), facts.id).filter(
      (one) => one.number < number && ['pending', 'accepted', 'appealed'].includes(one.state),
    );
    const found: OpenContribution[] = [];
    for (const one of before) {
      try {
        found.push(await openProven(context, facts, one, signal));
      } catch (error) {
        if (signal.aborted) throw error;
        this.unread++;
      }
    }
    return found;
  }

  reject(leaves: readonly Hex[], reason: string) {
    const firsts = Object.fromEntries(this.rows.map(({ leaf, standing }) => [leaf, firstOf(standing)]));
    this.#change(leaves.map((leaf) => [leaf, { reason, first: firsts[leaf] ?? null }]));
  }
  accept(leaves: readonly Hex[]) {
    this.#change(leaves.map((leaf) => [leaf, 'accepted']));
  }
  /** Takes what nothing was decided of, looked at or not. */
  acceptRest() {
    this.#change([], true);
  }
  decisionOf(leaf: Hex): DecisionOf {
    if (this.rejected.has(leaf)) return 'rejected';
    return this.isRestAccepted || this.accepted.has(leaf) ? 'accepted' : null;
  }
  /** All rows of a kind, with the reason that the kind is. */
  rejectAll(kind: StandingKind) {
    const reason = DUPLICATE[kind] ?? 'Not taken.';
    this.reject(
      this.rows.filter(({ standing }) => standing.kind === kind).map(({ leaf }) => leaf),
      reason,
    );
  }
  undo() {
    const before = this.#before.pop();
    for (const [leaf, was] of before?.rows ?? []) this.#set(leaf, was);
    this.isRestAccepted = before?.isRestAccepted ?? false;
    this.canUndo = this.#before.length > 0;
    void this.#keep();
  }

  #change(changes: Before['rows'], isRestAccepted = this.isRestAccepted) {
    const rows = changes.map(
      ([leaf]) => [leaf, this.rejected.get(leaf) ?? (this.accepted.has(leaf) ? 'accepted' : undefined)] as const,
    );
    this.#before.push({ rows, isRestAccepted: this.isRestAccepted });
    this.isRestAccepted = isRestAccepted;
    for (const [leaf, next] of changes) this.#set(leaf, next);
    this.canUndo = true;
    void this.#keep();
  }
  #set(leaf: Hex, decision: Rejection | 'accepted' | undefined) {
    if (decision === 'accepted') this.accepted.add(leaf);
    else this.accepted.delete(leaf);
    if (decision === undefined || decision === 'accepted') this.rejected.delete(leaf);
    else this.rejected.set(leaf, decision);
  }
  async #keep() {
    const { contribution } = this;
    if (!contribution) return;
    const rejected = [...this.rejected].map(([leaf, rejection]) => ({ leaf, ...rejection }));
    const { content } = contribution;
    const { isRestAccepted } = this;
    await this.#drafts
      .put({ content, rejected, accepted: [...this.accepted], isRestAccepted })
      .catch((error: unknown) => {
        this.problem = toProblem(error);
      });
  }

  /** Signs and tells the chain, once of every row something is decided; `refusal` refuses all of it at once. True when the chain knows. */
  async judge(facts: DatanetFacts, refusal: string | null = null): Promise<boolean> {
    const { contribution } = this;
    if (!contribution || this.isJudging || (refusal === null && this.undecided > 0)) return false;
    this.isJudging = true;
    this.outcome = '';
    const { number, content, rows } = contribution;
    const rejected = [...this.rejected].map(([leaf, rejection]) => ({ leaf, ...rejection }));
    const judged = { isDone: false };
    await this.#work(async (signal) => {
      const decision = { number, content, rows, rejected, refusal };
      for await (const event of judgeContributions(await this.#context(), facts, [decision], { signal })) {
        if (event.type === 'judged') judged.isDone = event.isDone;
      }
      if (judged.isDone) await this.#drafts.remove(content);
    });
    this.isJudging = false;
    if (judged.isDone) this.outcome = `Contribution ${number} is judged.`;
    return judged.isDone;
  }

  stop() {
    this.#working.abort();
  }
  close() {
    this.stop();
    this.contribution = this.progress = this.problem = null;
    this.rows = [];
    this.rejected.clear();
    this.accepted.clear();
    this.isRestAccepted = this.isTooLarge = false;
    this.#before = [];
    this.canUndo = false;
    this.unread = 0;
  }

  async #work(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.stop();
    this.#working = new AbortController();
    const { signal } = this.#working;
    this.problem = null;
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
    } finally {
      if (this.#working.signal === signal) this.progress = null;
    }
  }
}

const firstOf = (standing: Standing): string | null =>
  standing.kind === 'same' || standing.kind === 'near' ? standing.first.id : null;
