// The participants in the sixty steps and their data, equal on every chain: accounts, session keys, an influence tree, and 500
// signed vouchers.

import { keccak256, parseEther, stringToHex, type Address, type Hex } from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { embedded } from '#lib/chain/chains.ts';
import { compactSignature, voucherTypedData, type SignedVoucher, type Voucher } from '#lib/chain/vouchers/voucher.ts';
import { commitInfluenceRows, type InfluenceRow } from '#lib/formats/payment/influence.ts';
import type { Lineage } from '#lib/formats/payment/lineage.ts';
import { createRng } from '#lib/core/rng.ts';
import { alice, bob, carol } from './embedded-chain.ts';

const PHRASE = 'test test test test test test test test test test test junk';
export const [node, liquidity] = [3, 6].map((addressIndex) => mnemonicToAccount(PHRASE, { addressIndex })) as [
  ReturnType<typeof mnemonicToAccount>,
  ReturnType<typeof mnemonicToAccount>,
];
export const digest = (text: string): Hex => keccak256(stringToHex(text));
const session = (name: string) => privateKeyToAccount(digest(`session key of ${name}`));
export const sessions = { bob: session('bob'), carol: session('carol'), liquidity: session('liquidity') };

export const VOUCHERS = 500;
const CALLS_PER_VOUCHER = 20;
export const MODEL = 1n;
export const FAR = 4_000_000_000n;

const rng = createRng(60);
const vector = () => Int8Array.from({ length: 256 }, () => rng.below(256) - 128);
export const influence = commitInfluenceRows(
  [bob, carol, alice, bob, carol, bob].map(({ address }, at): InfluenceRow => ({
    rowLeaf: digest(`row ${at}`),
    cluster: digest(`cluster ${at % 5}`),
    contributor: address,
    datanet: 1n,
    version: 1,
    scale: 1000 + at,
    vector: vector(),
    base: BigInt(at + 1),
  })),
);
export const lineage: Lineage = { parent: null, refs: [{ datanet: 1n, version: 1, weight: 1 }] };
export const vectors = Array.from({ length: VOUCHERS + 2 }, vector);

let signed: Promise<SignedVoucher[]> | undefined;
/** All chains have one id and one Settlement, so each voucher is signed only once: signing is slow in JavaScript. */
export const vouchers = (settlement: Address): Promise<SignedVoucher[]> =>
  (signed ??= (async () => {
    const all: SignedVoucher[] = [];
    const owed = { bob: 0n, liquidity: 0n };
    for (let at = 0; at < VOUCHERS; at++) {
      const name = at % 2 === 0 ? 'bob' : 'liquidity';
      const amountWei = parseEther('0.2') + BigInt(at);
      const voucher: Voucher = {
        payer: (name === 'bob' ? bob : liquidity).address,
        node: node.address,
        baseWei: owed[name],
        lines: [{ modelId: Number(MODEL), amountWei, calls: CALLS_PER_VOUCHER }],
        receipts: digest(`receipts ${at}`),
      };
      owed[name] += amountWei;
      const signature = await sessions[name].signTypedData(voucherTypedData(embedded.id, settlement, voucher));
      all.push({ ...voucher, ...compactSignature(signature) });
    }
    return all;
  })());
