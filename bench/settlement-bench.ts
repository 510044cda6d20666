// Measures the cost of settling calls on the embedded chain, with the app's own actions and session keys: gas and time of
// redeeming 10,000 calls in one transaction. Gas is the same on every chain; time is this machine's.

import { keccak256, parseEther, size, stringToHex, type Account, type Hex, type Transport } from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { approve } from '#lib/chain/actions/token/approve.ts';
import { faucet } from '#lib/chain/actions/sandbox/faucet.ts';
import { openChannel } from '#lib/chain/actions/settlement/open-channel.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { redeem } from '#lib/chain/actions/settlement/redeem.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { embedded } from '#lib/chain/chains.ts';
import { compactSignature, voucherTypedData, type SignedVoucher, type Voucher } from '#lib/chain/vouchers/voucher.ts';
import { contextOver, runToEnd, type TestContext } from '../tests/support/chain-context.ts';

export interface SettlementFigures {
  vouchers: number;
  calls: number;
  gas: number;
  gasPerVoucher: number;
  gasPerCall: number;
  callDataBytes: number;
  signMsPerVoucher: number;
  /** Simulated, sent and included. */
  redeemMs: number;
}

const CALLS = 10_000;
const PRICE_WEI = parseEther('0.01');
const digest = (text: string): Hex => keccak256(stringToHex(text));

async function run(context: TestContext, planned: Promise<ActionPlan>) {
  const last = (await runToEnd(context, await planned)).at(-1)!;
  if (last.state.status !== 'safe') throw new Error(`${last.explanation}: ${last.state.status}`);
  return last.state;
}

/**
 * One row per number of vouchers that share the calls; each voucher is of a separate channel. The chain is a sandbox without a
 * registered model.
 */
export async function benchSettlement(
  transport: Transport,
  now: () => number,
  counts: readonly number[],
): Promise<SettlementFigures[]> {
  // The sandbox's liquidity account pays; new accounts are node and maker.
  const rich = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
  const worker = privateKeyToAccount(digest('worker'));
  const as = (account: Account) => contextOver(transport, account);
  const [payer, node] = [as(rich), as(worker)];
  const { Settlement } = node.addresses;
  for (const { address } of [rich, worker]) await faucet(payer, address);
  const terms = { payout: worker.address, devBps: 5000, dataBps: 4000, nodeBps: 1000 };
  const first = { adapter: digest('a'), manifest: digest('m'), rank: 16, sizeKiB: 1, quant: 0, parent: null, refs: [] };
  await run(node, addBase(node, { family: 'bench', architecture: digest('bench'), licence: 11 }));
  const prices = { perCallWei: PRICE_WEI, per1kTokensWei: 0n };
  await run(node, registerModel(node, { base: 1, licence: 11, terms, first, ...prices }));
  await run(payer, approve(payer, Settlement, parseEther('1000000')));

  const figures: SettlementFigures[] = [];
  /** Opens a channel for each voucher and redeems all of them. */
  const settle = async (count: number, round: string) => {
    const calls = CALLS / count;
    const amountWei = PRICE_WEI * BigInt(calls);
    const vouchers: SignedVoucher[] = [];
    let signMs = 0;
    for (let at = 0; at < count; at++) {
      const key = privateKeyToAccount(digest(`${round} ${count} ${at}`));
      await run(payer, openChannel(payer, { node: worker.address, signer: key.address, amountWei: 2n * amountWei }));
      const parties = { payer: rich.address, node: worker.address };
      const lines = [{ modelId: 1, version: 1, amountWei, calls, receipts: digest(`receipts ${at}`) }];
      const voucher: Voucher = { ...parties, baseWei: 0n, lines };
      const start = now();
      const signature = await key.signTypedData(voucherTypedData(embedded.id, Settlement, voucher));
      signMs += now() - start;
      vouchers.push({ ...voucher, ...compactSignature(signature) });
    }
    const plan = await redeem(node, { node: worker.address, vouchers });
    const start = now();
    const { gasUsed } = await run(node, Promise.resolve(plan));
    return { gasUsed, redeemMs: now() - start, signMs, callDataBytes: size(plan.steps[0].data) };
  };
  // A first credit pays once for a new storage slot, which is not part of a call's cost.
  await settle(1, 'warm');
  for (const count of counts) {
    const { gasUsed: gas, redeemMs, signMs, callDataBytes } = await settle(count, 'counted');
    const each = { gasPerVoucher: Math.round(gas / count), gasPerCall: gas / CALLS };
    figures.push({
      vouchers: count,
      calls: CALLS,
      gas,
      ...each,
      callDataBytes,
      signMsPerVoucher: signMs / count,
      redeemMs,
    });
  }
  return figures;
}
