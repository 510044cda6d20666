// A curator's decisions about the rows of one contribution, with undo. Nothing is signed or stored here.

import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Hex } from '#lib/core/bytes.ts';
import type { ReviewDraft } from '#lib/db/review-drafts.ts';

export interface Rejection {
  reason: string;
  /** Id of the row that this one repeats, if any. */
  first: string | null;
}

export type DecisionOf = 'accepted' | 'rejected' | null;

/** The decisions that one step replaced, for undo. */
interface Step {
  rows: (readonly [Hex, Rejection | 'accepted' | undefined])[];
  isRestAccepted: boolean;
}

export class ReviewDecisions {
  readonly rejected = new SvelteMap<Hex, Rejection>();
  readonly accepted = new SvelteSet<Hex>();
  /** Accepts every row without a decision, read or not. */
  isRestAccepted = $state(false);
  canUndo = $state(false);
  readonly #onChange: () => void;
  #steps: Step[] = [];

  /** `onChange` is called after each step and undo. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  of(leaf: Hex): DecisionOf {
    if (this.rejected.has(leaf)) return 'rejected';
    return this.isRestAccepted || this.accepted.has(leaf) ? 'accepted' : null;
  }

  reject(rows: readonly { leaf: Hex; first: string | null }[], reason: string) {
    this.#change(rows.map(({ leaf, first }) => [leaf, { reason, first }]));
  }
  accept(rows: readonly { leaf: Hex }[]) {
    this.#change(rows.map(({ leaf }) => [leaf, 'accepted']));
  }
  acceptRest() {
    this.#change([], true);
  }
  undo() {
    const step = this.#steps.pop();
    for (const [leaf, before] of step?.rows ?? []) this.#set(leaf, before);
    this.isRestAccepted = step?.isRestAccepted ?? false;
    this.canUndo = this.#steps.length > 0;
    this.#onChange();
  }

  /** As kept on this device. */
  load({ rejected, accepted = [], isRestAccepted = false }: Omit<ReviewDraft, 'content'>) {
    for (const { leaf, reason, first } of rejected) this.rejected.set(leaf as Hex, { reason, first });
    for (const leaf of accepted) this.accepted.add(leaf as Hex);
    this.isRestAccepted = isRestAccepted;
  }
  draft() {
    const rejected = [...this.rejected].map(([leaf, rejection]) => ({ leaf, ...rejection }));
    return { rejected, accepted: [...this.accepted], isRestAccepted: this.isRestAccepted };
  }

  clear() {
    this.rejected.clear();
    this.accepted.clear();
    this.isRestAccepted = this.canUndo = false;
    this.#steps = [];
  }

  #change(changes: Step['rows'], isRestAccepted = this.isRestAccepted) {
    const rows = changes.map(
      ([leaf]) => [leaf, this.rejected.get(leaf) ?? (this.accepted.has(leaf) ? 'accepted' : undefined)] as const,
    );
    this.#steps.push({ rows, isRestAccepted: this.isRestAccepted });
    this.isRestAccepted = isRestAccepted;
    for (const [leaf, decision] of changes) this.#set(leaf, decision);
    this.canUndo = true;
    this.#onChange();
  }
  #set(leaf: Hex, decision: Rejection | 'accepted' | undefined) {
    if (decision === 'accepted') this.accepted.add(leaf);
    else this.accepted.delete(leaf);
    if (decision === undefined || decision === 'accepted') this.rejected.delete(leaf);
    else this.rejected.set(leaf, decision);
  }
}
