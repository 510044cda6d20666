// Shows that a committed influence holds one row at two places: the commitment is void, and its deposit is the sender's.

import { encodeFunctionData, type Hex } from 'viem';
import { packParent } from '#lib/formats/payment/lineage.ts';
import type { ShownRow } from '#lib/formats/payment/court-game.ts';
import { influenceBookAbi } from '../../abi/influence-book.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireSmall, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/** A row at its place in the influence tree. */
export interface PlacedRow {
  index: number;
  row: ShownRow['row'];
  path: readonly Hex[];
}

export interface RowTwice {
  model: bigint;
  version: number;
  first: PlacedRow;
  second: PlacedRow;
}

/**
 * @example
 * import { showTwice } from '#lib/chain/actions/settlement/show-twice.ts';
 * import { showRow } from '#lib/settlement/known-influence.ts';
 *
 * const [first, second] = [3, 8].map((index) => ({ index, ...showRow(known, index) }));
 * await run(await showTwice(chain, { model: 7n, version: 2, first: first!, second: second! }));
 */
export async function showTwice(context: ChainContext, input: RowTwice): Promise<ActionPlan> {
  const model = requireWhole(input.model, 32, 'The model', 1);
  const version = requireSmall(input.version, 32, 'The version', 1);
  const { first, second } = input;
  if (first.index === second.index) throw new BadInputError('The two places', 'are one');
  const [from, to] = [first, second].map(({ index }) => requireSmall(index, 24, 'The row')) as [number, number];
  const args = [
    ...([packParent({ model, version }), BigInt(from), first.row, first.path] as const),
    ...([BigInt(to), second.row, second.path] as const),
  ] as const;
  const data = encodeFunctionData({ abi: influenceBookAbi, functionName: 'twice', args });
  const explanation = `You show that rows ${from} and ${to} of the influence of model ${model} v${version} are the same: the commitment is void, and its deposit is yours`;
  return planOf(context, 'show-twice', explanation, { to: context.addresses.InfluenceBook, data });
}
