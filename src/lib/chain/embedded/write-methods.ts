// The JSON-RPC methods that make or drop blocks: their parameters and results.

import { createAddressFromString } from '@ethereumjs/util';
import { keccak256, numberToHex, type Hex } from 'viem';
import { invalidParams, rejected, refused } from '../errors.ts';
import type { BlockRecord } from './block-record.ts';
import type { Clock } from './clock.ts';
import type { Credit } from './execute-block.ts';
import { readAddress, readBytes, readCount, readQuantity } from './rpc-params.ts';
import type { Method, ReadContext } from './read-methods.ts';

export interface WriteContext extends ReadContext {
  clock: Clock;
  /** Makes and stores the next block. */
  mine(raw: Hex[], credits: Credit[]): Promise<BlockRecord>;
  /** Returns to a snapshot, also in the store; false when it does not exist. */
  revert(id: number): Promise<boolean>;
}

/** Amount per faucet call, and the balance above which it gives no more. */
export const FAUCET_GWEI = 10_000_000_000n;
const FAUCET_FULL_WEI = 100n * 10n ** 18n;
const GWEI = 1_000_000_000n;

const MAX_BATCH = 64;
/** Time advances by at most a hundred years per call. */
const MAX_SECONDS = 3_155_760_000n;

function readRaw({ chain }: WriteContext, value: unknown): Hex {
  const raw = readBytes(value, 'transaction');
  if (chain.transaction(keccak256(raw))) throw rejected('already known: this transaction is in a block');
  return raw;
}

export const writeMethods: Record<string, Method<WriteContext>> = {
  async eth_sendRawTransaction(context, [value]) {
    const { transactions } = await context.mine([readRaw(context, value)], []);
    return transactions[0]!.hash;
  },
  /** EIP-7966: like `eth_sendRawTransaction`, but returns the receipt. */
  async eth_sendRawTransactionSync(context, [value]) {
    const { receipts } = await context.mine([readRaw(context, value)], []);
    return receipts[0]!;
  },
  /** Several signed transactions in one block, all or none. */
  async payable_sendRawTransactions(context, [values]) {
    if (!Array.isArray(values) || values.length === 0 || values.length > MAX_BATCH) {
      throw invalidParams(`transactions must be a list of 1 to ${MAX_BATCH}`);
    }
    const raw = values.map((value: unknown) => readRaw(context, value));
    const { transactions } = await context.mine(raw, []);
    return transactions.map(({ hash }) => hash);
  },
  async payable_faucet(context, [value]) {
    const address = readAddress(value, 'address');
    const account = await context.chain.state.getAccount(createAddressFromString(address));
    if ((account?.balance ?? 0n) >= FAUCET_FULL_WEI)
      throw refused('the faucet gives nothing to accounts with 100 coins');
    const { header } = await context.mine([], [{ address, amountGwei: FAUCET_GWEI }]);
    return { blockNumber: header.number, amountWei: numberToHex(FAUCET_GWEI * GWEI) };
  },
  async evm_mine(context) {
    await context.mine([], []);
    return '0x0';
  },
  evm_increaseTime({ clock }, [value]) {
    const seconds = readCount(value, 'seconds');
    if (seconds > MAX_SECONDS) throw invalidParams(`seconds must be at most ${MAX_SECONDS}`);
    return Number(clock.advance(seconds));
  },
  evm_setNextBlockTimestamp({ chain, clock }, [value]) {
    const timestamp = readCount(value, 'timestamp');
    const parent = BigInt(chain.head().header.timestamp);
    if (timestamp <= parent || timestamp > parent + MAX_SECONDS) {
      throw invalidParams(`timestamp must lie after ${parent} and within a hundred years of it`);
    }
    clock.setNext(timestamp);
    return null;
  },
  evm_snapshot: ({ chain }) => numberToHex(chain.snapshot()),
  evm_revert: (context, [value]) => context.revert(Number(readQuantity(value, 'snapshot'))),
};
