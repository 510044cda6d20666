// How a model's income is split, checked like in the contract, and described in words.

import type { Address } from 'viem';
import { inPercent } from '../../words/amount-words.ts';
import { BadInputError, requireAddress, requireBps } from '../../input.ts';

export interface ModelTerms {
  /** The account that receives the developer's part. */
  payout: string;
  /** Basis points of the payment after the protocol fee; the three sum to 10,000. */
  devBps: number;
  dataBps: number;
  nodeBps: number;
}

/** `Terms` of IModelRegistry; the registry sets the time itself. */
export function requireTerms({ payout, devBps, dataBps, nodeBps }: ModelTerms) {
  const to: Address = requireAddress(payout, 'The receiver of the developer’s part');
  requireBps(devBps, 'The developer’s part');
  requireBps(dataBps, 'The contributors’ part');
  requireBps(nodeBps, 'The node’s part');
  const sum = devBps + dataBps + nodeBps;
  if (sum !== 10_000) throw new BadInputError('The parts', `add up to ${inPercent(BigInt(sum))}, not to 100 %`);
  return { payout: to, devBps, dataBps, nodeBps, effectiveAt: 0 };
}

export const termsWords = ({ payout, devBps, dataBps, nodeBps }: ModelTerms): string =>
  `${inPercent(BigInt(devBps))} to ${payout}, ${inPercent(BigInt(dataBps))} to contributors of data, ${inPercent(BigInt(nodeBps))} to the node that answers`;
