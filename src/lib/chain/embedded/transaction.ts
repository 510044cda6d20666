// Decodes signed transactions, bounds them and checks them against the chain, with the error messages that wallet libraries
// recognise.

import type { Common } from '@ethereumjs/common';
import { createTxFromRLP, type FeeMarket1559Tx, type LegacyTx, type TypedTransaction } from '@ethereumjs/tx';
import { bytesToHex, createAddressFromString, hexToBytes } from '@ethereumjs/util';
import type { Hex } from 'viem';
import { rejected } from '../errors.ts';
import type { JournaledState } from './state.ts';
import { BLOCK_GAS_LIMIT, MAX_TX_BYTES } from './rules.ts';

/** The library's decoding errors, and the messages that wallets expect. */
const WORDS: [RegExp, string][] = [
  [/chain id/i, 'invalid chain id for signer'],
  [/maxFeePerGas cannot be less than maxPriorityFeePerGas/, 'max priority fee per gas higher than max fee per gas'],
  [/EIP-7825/, 'gas limit reached: one transaction may ask for at most 16777216 gas (EIP-7825)'],
  [/initcode size/, 'max initcode size exceeded'],
  [/TypedTransaction with ID/, 'transaction type not valid on this chain'],
  [/signature/i, 'invalid transaction signature'],
];

/**
 * Decodes a signed transaction and recovers its sender; skips the recovery, which takes milliseconds, when the sender is `known`.
 * Refuses blob transactions: there is no blob store here.
 */
export function decodeTransaction(raw: Hex, common: Common, known?: Hex): TypedTransaction {
  const bytes = hexToBytes(raw);
  if (bytes.length > MAX_TX_BYTES) throw rejected(`oversized data: ${bytes.length} bytes, at most ${MAX_TX_BYTES}`);
  if (bytes.length === 0) throw rejected('empty transaction');
  if (bytes[0] === 3) throw rejected('transaction type not valid on this chain: blobs are not kept here');
  try {
    const tx = createTxFromRLP(bytes, { common, freeze: known === undefined });
    if (!tx.isSigned()) throw rejected('transaction is not signed');
    if (known === undefined) tx.getSenderAddress();
    else tx.getSenderAddress = () => createAddressFromString(known);
    return tx;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const words = WORDS.find(([pattern]) => pattern.test(message))?.[1];
    throw rejected(words ?? `transaction could not be decoded: ${message}`);
  }
}

export const isFeeMarket = (tx: TypedTransaction): tx is FeeMarket1559Tx => 'maxFeePerGas' in tx;

/** Gas price that a transaction pays in a block with this base fee. */
export function effectiveGasPriceWei(tx: TypedTransaction, baseFeeWei: bigint): bigint {
  if (!isFeeMarket(tx)) return (tx as LegacyTx).gasPrice;
  const room = tx.maxFeePerGas - baseFeeWei;
  return baseFeeWei + (room < tx.maxPriorityFeePerGas ? room : tx.maxPriorityFeePerGas);
}

/** Throws when `tx` cannot run next on this state, in a block with this base fee. */
export async function checkTransaction(tx: TypedTransaction, state: JournaledState, baseFeeWei: bigint): Promise<void> {
  const least = tx.getIntrinsicGas();
  if (tx.gasLimit < least) throw rejected(`intrinsic gas too low: have ${tx.gasLimit}, want ${least}`);
  if (tx.gasLimit > BLOCK_GAS_LIMIT) throw rejected(`gas limit reached: a block holds ${BLOCK_GAS_LIMIT} gas`);
  const sender = tx.getSenderAddress();
  const account = await state.getAccount(sender);
  const nonce = account?.nonce ?? 0n;
  const where = `address ${sender.toString()}, tx: ${tx.nonce} state: ${nonce}`;
  if (tx.nonce < nonce) throw rejected(`nonce too low: ${where}`);
  if (tx.nonce > nonce) throw rejected(`nonce too high: ${where} (transactions do not wait here)`);
  const capWei = isFeeMarket(tx) ? tx.maxFeePerGas : (tx as LegacyTx).gasPrice;
  if (capWei < baseFeeWei) {
    throw rejected(`max fee per gas less than block base fee: cap ${capWei}, base fee ${baseFeeWei}`);
  }
  const costWei = tx.gasLimit * capWei + tx.value;
  const balanceWei = account?.balance ?? 0n;
  if (balanceWei < costWei) {
    throw rejected(`insufficient funds for gas * price + value: balance ${balanceWei}, tx cost ${costWei}`);
  }
}

export const hashOf = (tx: TypedTransaction): Hex => bytesToHex(tx.hash());
