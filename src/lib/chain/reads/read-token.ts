// OPEN from its contracts: supply, burnt amount, the first distribution with its vesting, and one account's balances.

import { hexToString, type Address } from 'viem';
import { genesisAbi } from '../abi/genesis.ts';
import { openTokenAbi } from '../abi/open-token.ts';
import type { ChainContext } from '../context.ts';

/** One bucket of the first distribution. */
export interface Bucket {
  /** Index in `Genesis.buckets()`. */
  at: number;
  name: string;
  beneficiary: Address;
  amountWei: bigint;
  /** Seconds since 1970. */
  start: bigint;
  /** 0n: liquid from the start. */
  durationSeconds: bigint;
  /** Paid to the beneficiary; for a liquid bucket all of it. */
  paidWei: bigint;
  /** Vested and not paid out yet. */
  releasableWei: bigint;
  /** Not vested yet. */
  lockedWei: bigint;
}

export interface TokenFacts {
  nowSeconds: bigint;
  supplyWei: bigint;
  /** The sum of the first distribution. */
  mintedWei: bigint;
  burntWei: bigint;
  buckets: Bucket[];
}

/**
 * @example
 * import { formatEther } from 'viem';
 * import { readToken } from '#lib/chain/reads/read-token.ts';
 *
 * const { supplyWei, buckets } = await readToken(chain);
 * const lockedWei = buckets.reduce((sum, bucket) => sum + bucket.lockedWei, 0n);
 * show(`${formatEther(supplyWei - lockedWei)} OPEN can move`);
 */
export async function readToken({ read, addresses }: Pick<ChainContext, 'read' | 'addresses'>): Promise<TokenFacts> {
  const token = { address: addresses.OpenToken, abi: openTokenAbi } as const;
  const genesis = { address: addresses.Genesis, abi: genesisAbi } as const;
  const [clock, supplyWei, lines] = await Promise.all([
    read.readContract({ ...token, functionName: 'clock' }),
    read.readContract({ ...token, functionName: 'totalSupply' }),
    read.readContract({ ...genesis, functionName: 'buckets' }),
  ]);
  const buckets = await Promise.all(
    lines.map(async ({ id, beneficiary, amount, start, duration }, at): Promise<Bucket> => {
      const common = {
        at,
        name: hexToString(id, { size: 32 }),
        beneficiary,
        amountWei: amount,
        start,
        durationSeconds: duration,
      };
      if (duration === 0n) return { ...common, paidWei: amount, releasableWei: 0n, lockedWei: 0n };
      const args = [BigInt(at), token.address] as const;
      const [heldWei, releasableWei, paidWei] = await read.readContract({ ...genesis, functionName: 'vesting', args });
      return { ...common, paidWei, releasableWei, lockedWei: heldWei - releasableWei };
    }),
  );
  const mintedWei = buckets.reduce((sum, { amountWei }) => sum + amountWei, 0n);
  return { nowSeconds: BigInt(clock), supplyWei, mintedWei, burntWei: mintedWei - supplyWei, buckets };
}
