// Advances the chain's time, to try actions that must wait; in the sandbox and on a devnet only.

import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';

type Rpc<Method extends string> = { Method: Method; Parameters: [number] | []; ReturnType: unknown };

/** A hundred years. */
const MAX_SECONDS = 3_155_760_000n;

/**
 * Makes a block at `atSeconds` since 1970; later blocks continue from there. An absolute time, because several blocks within one
 * second run ahead of the clock that `evm_increaseTime` moves.
 *
 * @example
 * import { moveTime } from '#lib/chain/actions/sandbox/move-time.ts';
 *
 * const { timestamp } = await chain.read.getBlock();
 * await moveTime(chain, timestamp + 7n * 86_400n);
 */
export async function moveTime({ mode, read }: Pick<ChainContext, 'mode' | 'read'>, atSeconds: bigint): Promise<void> {
  if (mode === 'l2') throw new BadInputError('Time', 'can be moved on in the sandbox and on a devnet only');
  const { timestamp } = await read.getBlock();
  if (atSeconds <= timestamp) throw new BadInputError('The time', 'is over on this chain; it never goes back');
  if (atSeconds - timestamp > MAX_SECONDS) throw new BadInputError('The time', 'must lie within a hundred years');
  await read.request<Rpc<'evm_setNextBlockTimestamp'>>({
    method: 'evm_setNextBlockTimestamp',
    params: [Number(atSeconds)],
  });
  await read.request<Rpc<'evm_mine'>>({ method: 'evm_mine', params: [] });
}
