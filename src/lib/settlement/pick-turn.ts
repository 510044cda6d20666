// The picks of a challenger who has computed the pot again: it follows a false number down to a call, and there asks for a false
// entry, or shows a row that the entries omit. A true answer leaves nothing to pick.

import { fromHex, type Hex } from '#lib/core/bytes.ts';
import { isOmitted, listEntries, readEntry, rowWeight, type CallEntry } from '#lib/formats/payment/call-rule.ts';
import { LEVEL, type CourtPick, type GameTurn } from '#lib/formats/payment/court-game.ts';
import type { BuiltPot } from './build-pot.ts';
import { NoAnswerError } from './errors.ts';
import { showRow, type KnownInfluence } from './known-influence.ts';
import { numbersSaid } from './locate.ts';

/** What the proposer said last, as the court's events have it. */
export type Said = { numbers: readonly bigint[] } | { entries: readonly bigint[]; vector: Hex };

/**
 * The next pick; null when all that was said is true.
 *
 * @throws NoAnswerError when the turn is about another pot, or it is the proposer's move
 * @example
 * import { pickQuestion } from '#lib/chain/actions/settlement/pick-question.ts';
 * import { pickTurn } from '#lib/settlement/pick-turn.ts';
 *
 * const pick = pickTurn(pot, move.turn, { numbers: [5n, 7n] });
 * if (pick) await run(await pickQuestion(chain, { move, pick }));
 */
export function pickTurn(pot: BuiltPot, turn: GameTurn, said: Said): CourtPick | null {
  if ('entries' in said) {
    if (turn.level !== LEVEL.entries) throw new NoAnswerError('no entries were given at this level');
    return pickAtCall(pot.known, said.entries, said.vector);
  }
  if (turn.level > LEVEL.range) throw new NoAnswerError('no numbers were given at this level');
  const own = numbersSaid(pot, turn, turn.account.toLowerCase() as Hex);
  const index = said.numbers.findIndex((number, at) => number !== own[at]);
  return index < 0 ? null : { name: 'pick', numbers: [...said.numbers], index };
}

/**
 * At an open call the rows alone decide: no receipts are needed.
 *
 * @example
 * import { pickAtCall } from '#lib/settlement/pick-turn.ts';
 *
 * const pick = pickAtCall(known, [], '0x');
 * show(pick ? `The proposer is refuted by ${pick.name}` : 'The call is as the rule has it');
 */
export function pickAtCall(known: KnownInfluence, said: readonly bigint[], vector: Hex): CourtPick | null {
  const { influence, counts } = known;
  const values = new Int8Array(fromHex(vector).subarray(2));
  const weights = influence.rows.map((row, at) => (counts[at] ? rowWeight(values, row, known.threshold) : 0));
  const entries = said.map(readEntry);
  const isTrue = ({ account, row, cluster, weight }: CallEntry): boolean => {
    const shown = influence.rows[row];
    return shown?.cluster === cluster && weights[row] === weight && BigInt(shown.contributor) === BigInt(account);
  };
  const lie = entries.findIndex((entry) => !isTrue(entry));
  if (lie >= 0) return { name: 'pickEntry', entries: [...said], index: lie };
  const missing = listEntries(influence.rows, weights).find((entry) => isOmitted(entries, entry));
  if (!missing) return null;
  return { name: 'omitted', entries: [...said], vector, index: missing.row, shown: showRow(known, missing.row) };
}

/**
 * A pick without receipts: a number drawn by its size, so that an excess is hit with a chance of at least its part. `draw` gives a whole
 * number below its argument, each equally likely. Null when all numbers are 0.
 *
 * @example
 * import { drawPick } from '#lib/settlement/pick-turn.ts';
 *
 * const pick = drawPick([5n, 0n, 7n], (below) => BigInt(Date.now()) % below);
 * if (pick?.name === 'pick') show(`The proposer has to explain number ${pick.index + 1}`);
 */
export function drawPick(numbers: readonly bigint[], draw: (below: bigint) => bigint): CourtPick | null {
  const sum = numbers.reduce((all, number) => all + number, 0n);
  if (sum === 0n) return null;
  let left = draw(sum);
  const index = numbers.findIndex((number) => (left -= number) < 0n);
  return { name: 'pick', numbers: [...numbers], index };
}
