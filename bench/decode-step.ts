// One decode step of a loaded model, without the engine's loop: one token per sequence at a given depth.

import { checkSampling } from '#lib/engine/requests.ts';
import type { Session } from '#lib/engine/session.ts';
import { blocksFor } from '#lib/engine/step-writer.ts';
import type { Dispatch } from '#lib/webgpu/device.ts';

export interface DecodeStep {
  /** Sequences, one row each. */
  rows: number;
  /** Tokens of each sequence before the step, with keys and values in the cache. */
  depth: number;
  /** Registered adapters, applied to every row with weight 1. */
  adapters: readonly string[];
}

/** Writes the step state. @returns the dispatches, which may run any number of times */
export async function decodeStep(session: Session, { rows, depth, adapters }: DecodeStep): Promise<Dispatch[]> {
  const { writer, transformer, sizes } = session;
  const held = await holdAdapters(session, adapters);
  const blend = held.map(({ descriptor }) => ({ descriptor, weight: 1 }));
  const rankWidth = held.reduce((sum, one) => sum + one.rankWidth, 0);
  const perSequence = blocksFor(depth + 1);
  const all = Array.from({ length: rows }, (_row, slot) => slot);
  for (const slot of all) {
    // If the cache has room for fewer sequences, they share blocks: the step reads the same number of bytes.
    const blocks = Array.from({ length: perSequence }, (_block, i) => (slot * perSequence + i) % sizes.kvBlocks);
    writer.slot({ slot, sampling: checkSampling(), isConstrained: false, topCount: 0, blocks, blend });
  }
  const explicit = { token: 1, position: depth };
  writer.rows(
    all.map((slot) => ({ slot, explicit })),
    all,
    rankWidth,
  );
  const heads = [{ head: null, first: 0, count: rows }];
  return transformer.dispatches({ rows, outputs: rows, rankWidth, heads, sample: true });
}

async function holdAdapters({ adapters, changes }: Session, ids: readonly string[]) {
  const claim = adapters.claim(ids);
  for (;;) {
    const changed = changes.next();
    const held = claim.bring() ? claim.hold() : 'writing';
    if (typeof held !== 'string') return held;
    await changed;
  }
}
