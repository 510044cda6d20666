// A chain of hashes over the states of a run: each link names the state and the link before, so the last one stands for all of them.

import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { canonicalText } from '#lib/formats/json/canonical-json.ts';

export interface ChainLink {
  /** Steps that are done. */
  step: number;
  /** sha256 (hex) of what the engine saves of the training. */
  state: string;
  /** sha256 (hex) of this link: of its step, its state and the hash of the link before. */
  hash: string;
}

export function nextLink(
  before: ChainLink | undefined,
  { step, state }: Pick<ChainLink, 'step' | 'state'>,
  digester: Digester,
): ChainLink {
  const text = canonicalText({ step, state, before: before?.hash ?? null }, 'A link of the chain');
  return { step, state, hash: sha256Hex(new TextEncoder().encode(text), digester) };
}

/** The place of the first link that does not follow from those before it; null when all do. */
export function findBrokenLink(chain: readonly ChainLink[], digester: Digester): number | null {
  const broken = chain.findIndex((link, at) => {
    const before = chain[at - 1];
    return nextLink(before, link, digester).hash !== link.hash || link.step < (before ? before.step + 1 : 0);
  });
  return broken < 0 ? null : broken;
}

export const sha256Hex = (bytes: Uint8Array, digester: Digester): string => toHex(digester.sha256(bytes)).slice(2);
