// Finds the transaction that a wallet may have sent for a record before its hash was stored: the same call by the same account,
// in later blocks, not claimed by another record. The nonce cannot be used, since another tab may have taken it.

import type { Hash } from 'viem';
import type { ChainContext } from '../context.ts';
import type { TxRecord } from './record.ts';

/** A transaction not included within this many blocks must be looked up by the user. */
const MAX_BLOCKS = 256;

export async function findUnclaimed(
  read: ChainContext['read'],
  { from, to, data, valueWei, nonce, sinceBlock }: TxRecord,
  claimed: ReadonlySet<Hash>,
): Promise<Hash | undefined> {
  if (nonce === null || sinceBlock === null) return undefined;
  if ((await read.getTransactionCount({ address: from })) <= nonce) return undefined;
  const head = Number(await read.getBlockNumber({ cacheTime: 0 }));
  for (let number = sinceBlock + 1; number <= Math.min(head, sinceBlock + MAX_BLOCKS); number++) {
    const { transactions } = await read.getBlock({ blockNumber: BigInt(number), includeTransactions: true });
    const found = transactions.find(
      (one) =>
        one.from.toLowerCase() === from.toLowerCase() &&
        one.nonce >= nonce &&
        one.to?.toLowerCase() === to.toLowerCase() &&
        one.input === data &&
        String(one.value) === valueWei &&
        !claimed.has(one.hash),
    );
    if (found) return found.hash;
  }
  return undefined;
}
