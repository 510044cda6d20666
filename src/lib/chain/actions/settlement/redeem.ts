// Redeems vouchers that payers signed for a node. Sent by the node or a relayer that it approved. Of many vouchers, those that no
// longer fit their channel are passed over with an event; a single one is refused with its error.

import { encodeFunctionData, size, type Address } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { contractLine, cumulativeWei, type SignedVoucher } from '../../vouchers/voucher.ts';
import { BadInputError, requireAddress } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface Redemption {
  node: string;
  vouchers: readonly SignedVoucher[];
}

/** A signed transaction may have 128 KiB, including its other fields. */
const MOST_BYTES = 120 * 1024;

const sentVoucher = ({ payer, baseWei, lines, r, vs }: SignedVoucher) => ({
  payer,
  base: baseWei,
  lines: lines.map(contractLine),
  r,
  vs,
});

function requireVouchers(node: Address, vouchers: readonly SignedVoucher[]) {
  if (vouchers.length === 0) throw new BadInputError('The vouchers', 'are missing');
  for (const voucher of vouchers) {
    if (voucher.node !== node) throw new BadInputError('A voucher', `is for the node ${voucher.node}`);
    cumulativeWei(voucher);
  }
}

/**
 * @example
 * import { redeem } from '#lib/chain/actions/settlement/redeem.ts';
 * import { parseVoucherText } from '#lib/chain/vouchers/voucher-text.ts';
 *
 * const vouchers = texts.map(parseVoucherText);
 * await run(await redeem(chain, { node, vouchers }));
 */
export async function redeem(context: ChainContext, { node: given, vouchers }: Redemption): Promise<ActionPlan> {
  const node = requireAddress(given, 'The node');
  requireVouchers(node, vouchers);
  const lines = vouchers.flatMap((voucher) => voucher.lines);
  const grossWei = lines.reduce((sum, { amountWei }) => sum + amountWei, 0n);
  const calls = lines.reduce((sum, line) => sum + line.calls, 0);
  const models = new Set(lines.map(({ modelId }) => modelId)).size;
  const payers = new Set(vouchers.map(({ payer }) => payer)).size;
  const args = [node, vouchers.map(sentVoucher)] as const;
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'redeem', args });
  if (size(data) > MOST_BYTES)
    throw new BadInputError('The vouchers', 'are too many for one transaction; redeem fewer at once');
  const passedOver = vouchers.length === 1 ? '' : '; a voucher that no longer fits its channel is passed over';
  const explanation = `${counted(payers, 'payer')} ${payers === 1 ? 'pays' : 'pay'} ${inOpen(grossWei)} for ${counted(calls, 'call')} to ${counted(models, 'model')} answered by ${node}; makers, contributors, node and treasury get their parts by the models’ terms${passedOver}`;
  return planOf(context, 'redeem', explanation, { to: context.addresses.Settlement, data });
}
