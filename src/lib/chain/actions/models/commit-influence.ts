// Commits, once per model version, how its rows weigh on answers, by which contributors are paid. Its owner only. The deposit is
// lost when a row that is demanded is not shown.

import { encodeFunctionData } from 'viem';
import { packParent } from '#lib/formats/payment/lineage.ts';
import { influenceBookAbi } from '../../abi/influence-book.ts';
import { aboutEther, inPercent } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireHash, requireSmall, requireWhole } from '../../input.ts';
import { quoteAnswerFee } from '../../tx/quote-answer-fee.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface InfluenceCommitment {
  model: bigint;
  version: number;
  /** sha2-256 digest of the CID of the file with all rows. */
  artefact: string;
  /** `root` of formats/payment/influence.ts. */
  influenceRoot: string;
  /** Leaves of the tree. */
  rows: number;
  /** What is subtracted from the product of call and row, see formats/payment/call-rule.ts. */
  threshold: bigint;
  /** The part of the contributors' money that influence decides, in basis points. */
  rhoBps: number;
}

/** Bounds of InfluenceBook. */
const MOST_ROWS = 1 << 20;
const MOST_RHO_BPS = 8_000;

/**
 * @example
 * import { commitInfluence } from '#lib/chain/actions/models/commit-influence.ts';
 *
 * const measured = { artefact: digest, influenceRoot: influence.root, rows: 5_000, threshold: 120_000n };
 * await run(await commitInfluence(chain, { model: 7n, version: 2, ...measured, rhoBps: 5_000 }));
 */
export async function commitInfluence(context: ChainContext, input: InfluenceCommitment): Promise<ActionPlan> {
  const model = requireWhole(input.model, 32, 'The model', 1);
  const version = requireSmall(input.version, 32, 'The version', 1);
  const artefact = requireHash(input.artefact, 'The artefact');
  const root = requireHash(input.influenceRoot, 'The root of the rows’ influence');
  const rows = requireSmall(input.rows, 24, 'The number of rows', 1);
  if (rows > MOST_ROWS) throw new BadInputError('The number of rows', `is more than ${MOST_ROWS}`);
  const threshold = Number(requireWhole(input.threshold, 40, 'The threshold'));
  const rhoBps = requireSmall(input.rhoBps, 16, 'The part that influence decides');
  if (rhoBps > MOST_RHO_BPS) {
    throw new BadInputError('The part that influence decides', `is more than ${inPercent(BigInt(MOST_RHO_BPS))}`);
  }
  const valueWei = 2n * (await quoteAnswerFee(context, 'InfluenceBook'));
  const args = [packParent({ model, version }), artefact, root, rows, threshold, rhoBps] as const;
  const data = encodeFunctionData({ abi: influenceBookAbi, functionName: 'commitInfluence', args });
  const explanation = `You commit, for good, how the ${rows} rows of model ${model} v${version} weigh on answers; from five days on they decide ${inPercent(BigInt(rhoBps))} of the contributors’ part; your deposit of ${aboutEther(valueWei)} is lost when a row that is demanded is not shown in 72 hours`;
  return planOf(context, 'commit-influence', explanation, { to: context.addresses.InfluenceBook, data, valueWei });
}
