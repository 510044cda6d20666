// Finds the transaction that used an account's nonce, when its hash is unknown or was dropped, in the blocks since the nonce was
// last seen unused.

import type { Hash, ReplacementReason } from 'viem';
import type { ChainContext } from '../context.ts';
import type { TxRecord } from './record.ts';

/** A nonce is used soon or hardly ever, so the search is limited to this many blocks. */
const MAX_BLOCKS = 256;

export interface Successor {
  hash: Hash;
  /** How it differs from the record: `repriced` is the same call. */
  how: ReplacementReason;
}

type Sought = Pick<TxRecord, 'from' | 'to' | 'data' | 'valueWei' | 'nonce' | 'sinceBlock'>;

export async function findByNonce(read: ChainContext['read'], sought: Sought): Promise<Successor | undefined> {
  const { from, to, data, valueWei, nonce, sinceBlock } = sought;
  if (nonce === null || sinceBlock === null) return undefined;
  if ((await read.getTransactionCount({ address: from })) <= nonce) return undefined;
  const head = Number(await read.getBlockNumber({ cacheTime: 0 }));
  for (let number = sinceBlock + 1; number <= Math.min(head, sinceBlock + MAX_BLOCKS); number++) {
    const { transactions } = await read.getBlock({ blockNumber: BigInt(number), includeTransactions: true });
    const found = transactions.find((one) => one.from.toLowerCase() === from.toLowerCase() && one.nonce === nonce);
    if (!found) continue;
    const target = found.to?.toLowerCase();
    const same = target === to.toLowerCase() && found.input === data && String(found.value) === valueWei;
    const cancelled = target === from.toLowerCase() && found.value === 0n;
    return { hash: found.hash, how: same ? 'repriced' : cancelled ? 'cancelled' : 'replaced' };
  }
  return undefined;
}
