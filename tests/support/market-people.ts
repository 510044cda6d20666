// The participants in the sixty steps and their data, equal on every chain: accounts, session keys, rows with influence, and 500
// signed vouchers with their receipts.

import { keccak256, parseEther, stringToHex, type Address, type Hex } from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { embedded } from '#lib/chain/chains.ts';
import { compactSignature, voucherTypedData, type SignedVoucher, type Voucher } from '#lib/chain/vouchers/voucher.ts';
import type { PublishedLine } from '#lib/settlement/build-pot.ts';
import { alice, bob, carol } from './embedded-chain.ts';
import { createPotWorld } from './pot-world.ts';

const PHRASE = 'test test test test test test test test test test test junk';
export const [node, liquidity] = [3, 6].map((addressIndex) => mnemonicToAccount(PHRASE, { addressIndex })) as [
  ReturnType<typeof mnemonicToAccount>,
  ReturnType<typeof mnemonicToAccount>,
];
export const digest = (text: string): Hex => keccak256(stringToHex(text));
const session = (name: string) => privateKeyToAccount(digest(`session key of ${name}`));
export const sessions = { bob: session('bob'), carol: session('carol'), liquidity: session('liquidity') };

export const VOUCHERS = 500;
const CALLS_PER_VOUCHER = 4;
export const MODEL = 1n;
export const FAR = 4_000_000_000n;

/** Rows of bob, carol and alice, and calls that they shape; every fourth call has no influence. */
export const world = createPotWorld(60, {
  ...{ rows: 24, holders: 3, clusters: 9 },
  accountOf: (holder) => [bob, carol, alice][holder]!.address,
});
const costWei = parseEther('0.05');
export const lines: readonly PublishedLine[] = Array.from({ length: VOUCHERS }, (_, at) =>
  world.line(Array.from({ length: CALLS_PER_VOUCHER }, (_one, call) => world.call(costWei + BigInt(at), call === 3))),
);

let signed: Promise<SignedVoucher[]> | undefined;
/** All chains have one id and one Settlement, so each voucher is signed only once: signing is slow in JavaScript. */
export const vouchers = (settlement: Address): Promise<SignedVoucher[]> =>
  (signed ??= (async () => {
    const all: SignedVoucher[] = [];
    const owed = { bob: 0n, liquidity: 0n };
    for (const [at, { receipts, amountWei, calls }] of lines.entries()) {
      const name = at % 2 === 0 ? 'bob' : 'liquidity';
      const voucher: Voucher = {
        payer: (name === 'bob' ? bob : liquidity).address,
        node: node.address,
        baseWei: owed[name],
        lines: [{ modelId: Number(MODEL), version: 1, amountWei, calls, receipts }],
      };
      owed[name] += amountWei;
      const signature = await sessions[name].signTypedData(voucherTypedData(embedded.id, settlement, voucher));
      all.push({ ...voucher, ...compactSignature(signature) });
    }
    return all;
  })());
