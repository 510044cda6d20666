// Contributions as the chain records them: contributor, Datanet and status. Turns the indexer's rows into checked values.

import { isHex } from 'viem';
import type { ContributionRow } from '#lib/chain/indexer/tables.ts';
import type { Hex } from '#lib/core/bytes.ts';

export type ContributionState = ContributionRow['state'];

export interface ChainContribution {
  /** From 1, in the order of the chain. */
  number: number;
  /** In small letters. */
  contributor: Hex;
  /** sha2-256 digest of the contribution's id. */
  content: Hex;
  rows: number;
  state: ContributionState;
  /** 32 bytes: a short text, the digest of a review, or of a longer text. */
  reason: Hex | null;
  /** The contributor's reason for the appeal. */
  appeal: Hex | null;
  /** Whether it was accepted before, so that versions may hold its rows. */
  wasAccepted: boolean;
}

const wordOf = (value: unknown): Hex | null => (isHex(value) && !/^0x0*$/.test(value) ? value : null);

/** Contributions to Datanet `id`, by number. */
export function contributionsOf(rows: readonly ContributionRow[], id: bigint): ChainContribution[] {
  return rows
    .filter(({ datanet }) => datanet === String(id))
    .map((row) => ({
      number: row.contribution,
      contributor: row.contributor.toLowerCase() as Hex,
      content: row.content,
      rows: row.rows,
      state: row.state,
      reason: wordOf(row.reason),
      appeal: wordOf(row.appeal),
      wasAccepted: row.wasAccepted,
    }))
    .sort((a, b) => a.number - b.number);
}

/** The text in a reason of 32 bytes, or null when the reason is a digest. */
export function reasonText(reason: Hex): string | null {
  const bytes = Uint8Array.from(reason.slice(2).match(/../g)!, (pair) => parseInt(pair, 16));
  const end = bytes.indexOf(0);
  if (end < 1 || bytes.subarray(end).some((byte) => byte !== 0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
  } catch {
    return null;
  }
}
