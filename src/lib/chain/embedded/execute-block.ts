// Runs a block on a state: its transactions in order, then its credits; returns the whole record. The same parent, state and
// input give the same bytes on every machine. The caller stores or reverts the result.

import { createBlock, genTransactionsTrieRoot, genWithdrawalsTrieRoot, type HeaderData } from '@ethereumjs/block';
import type { TypedTransaction } from '@ethereumjs/tx';
import { bytesToHex, createAccount, createWithdrawal, type Withdrawal } from '@ethereumjs/util';
import { encodeReceipt, runTx, type VM } from '@ethereumjs/vm';
import { keccak256, numberToHex, type Hex } from 'viem';
import { rejected } from '../errors.ts';
import type { BlockRecord, HeaderRecord } from './block-record.ts';
import { headerRecord, receiptRecords, transactionRecord, type Ran } from './records-of.ts';
import { BLOCK_GAS_LIMIT, nextBaseFeeWei } from './rules.ts';
import type { JournaledState } from './state.ts';
import { checkTransaction, decodeTransaction } from './transaction.ts';

export interface Credit {
  address: Hex;
  amountGwei: bigint;
}

export interface BlockInput {
  /** Seconds; must lie after the parent's. */
  timestamp: bigint;
  /** Signed transactions in execution order. */
  raw: Hex[];
  credits: Credit[];
  /** Senders, if known; undefined recovers them from the signatures. */
  senders?: Hex[];
}

const GWEI = 1_000_000_000n;

/** Base fee of the block that follows `parent`. */
export const baseFeeAfter = (parent: HeaderRecord): bigint =>
  nextBaseFeeWei({
    number: BigInt(parent.number),
    gasLimit: BigInt(parent.gasLimit),
    gasUsed: BigInt(parent.gasUsed),
    baseFeeWei: BigInt(parent.baseFeePerGas),
  });

/** Header fields of the block that follows `parent`, before anything ran. */
export const headerAfter = (parent: HeaderRecord, timestamp: bigint) =>
  ({
    parentHash: parent.hash,
    number: BigInt(parent.number) + 1n,
    timestamp,
    gasLimit: BLOCK_GAS_LIMIT,
    baseFeePerGas: baseFeeAfter(parent),
    // There is no beacon chain; the parent's hash gives a prevrandao that differs per block and is the same in a replay.
    mixHash: keccak256(parent.hash),
  }) satisfies HeaderData;

async function applyCredits(vm: VM, withdrawals: Withdrawal[]): Promise<void> {
  for (const { address, amount } of withdrawals) {
    const account = (await vm.stateManager.getAccount(address)) ?? createAccount({});
    account.balance += amount * GWEI;
    await vm.stateManager.putAccount(address, account);
  }
}

/** The trees of transactions and of receipts differ only in their items. */
const rootOf = (items: Uint8Array[]): Promise<Uint8Array> =>
  genTransactionsTrieRoot(items.map((bytes) => ({ serialize: () => bytes }) as TypedTransaction));

function joinBlooms(ran: Ran[]): Uint8Array {
  const joined = new Uint8Array(256);
  for (const { result } of ran) result.receipt.bitvector.forEach((bits, at) => (joined[at]! |= bits));
  return joined;
}

/**
 * Runs `input` on top of `parent`. Throws when a transaction is not valid; the state is then partly changed and the caller
 * reverts it.
 */
export async function executeBlock(
  vm: VM,
  state: JournaledState,
  parent: HeaderRecord,
  input: BlockInput,
): Promise<BlockRecord> {
  const { common } = vm;
  const before = headerAfter(parent, input.timestamp);
  const block = createBlock({ header: before }, { common });
  const ran: Ran[] = [];
  let gasUsed = 0n;
  for (const [at, raw] of input.raw.entries()) {
    const tx = decodeTransaction(raw, common, input.senders?.[at]);
    await checkTransaction(tx, state, before.baseFeePerGas);
    if (gasUsed + tx.gasLimit > BLOCK_GAS_LIMIT) throw rejected('gas limit reached: the block is full');
    const result = await runTx(vm, { tx, block, blockGasUsed: gasUsed });
    gasUsed += result.totalGasSpent;
    ran.push({ tx, result });
  }
  const withdrawals = input.credits.map(({ address, amountGwei }, at) =>
    createWithdrawal({ index: before.number * 16n + BigInt(at), validatorIndex: 0n, address, amount: amountGwei }),
  );
  await applyCredits(vm, withdrawals);
  const header = headerRecord(
    createBlock(
      {
        header: {
          ...before,
          gasUsed,
          transactionsTrie: await genTransactionsTrieRoot(ran.map(({ tx }) => tx)),
          receiptTrie: await rootOf(ran.map(({ tx, result }) => encodeReceipt(result.receipt, tx.type))),
          withdrawalsRoot: await genWithdrawalsTrieRoot(withdrawals),
          logsBloom: joinBlooms(ran),
        },
      },
      { common },
    ),
  );
  return {
    header,
    raw: ran.map(({ tx }) => bytesToHex(tx.serialize())),
    credits: withdrawals.map(({ index, address, amount }) => ({
      index: numberToHex(index),
      validatorIndex: '0x0',
      address: address.toString(),
      amount: numberToHex(amount),
    })),
    transactions: ran.map((one, at) => transactionRecord(one, at, header)),
    receipts: receiptRecords(ran, header),
  };
}

/** The input that produced `record`. */
export const inputOf = ({ header, raw, credits }: BlockRecord): BlockInput => ({
  timestamp: BigInt(header.timestamp),
  raw,
  credits: credits.map(({ address, amount }) => ({ address, amountGwei: BigInt(amount) })),
});
