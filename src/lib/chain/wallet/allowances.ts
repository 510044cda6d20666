// Allowances of an account's OPEN, read from the token for every spender that the account approved in the searched blocks, and
// always for the product's own contracts.

import { parseAbiItem, type Address, type PublicClient } from 'viem';
import { openTokenAbi } from '../abi/open-token.ts';

/** Blocks searched, from the head back, and blocks per request. */
const LOOK_BACK = 50_000n;
const RANGE = 10_000n;
const APPROVAL = parseAbiItem('event Approval(address indexed owner, address indexed spender, uint256 value)');

export interface Allowance {
  spender: Address;
  wei: bigint;
}

/** Allowances above zero, largest first; for spenders approved from `fromBlock` on, within the searched blocks. */
export async function readAllowances(
  read: PublicClient,
  token: Address,
  owner: Address,
  { always, fromBlock: since }: { always: readonly Address[]; fromBlock: bigint },
): Promise<Allowance[]> {
  const head = await read.getBlockNumber({ cacheTime: 0 });
  const spenders = new Set<Address>(always);
  const first = head > since + LOOK_BACK ? head - LOOK_BACK : since;
  for (let toBlock = head; toBlock >= first; toBlock -= RANGE) {
    const fromBlock = toBlock - RANGE + 1n > first ? toBlock - RANGE + 1n : first;
    const logs = await read.getLogs({ address: token, event: APPROVAL, args: { owner }, fromBlock, toBlock });
    for (const { args } of logs) if (args.spender) spenders.add(args.spender);
    if (fromBlock === first) break;
  }
  const found = await Promise.all(
    [...spenders].map(async (spender) => {
      const args = [owner, spender] as const;
      const wei = await read.readContract({ address: token, abi: openTokenAbi, functionName: 'allowance', args });
      return { spender, wei };
    }),
  );
  return found.filter(({ wei }) => wei > 0n).sort((a, b) => (a.wei < b.wei ? 1 : -1));
}
