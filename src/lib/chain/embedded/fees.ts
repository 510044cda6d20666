// `eth_feeHistory`: base fees, gas use and tips of recent blocks. Integers throughout, except the gas ratio, which the method
// defines as a fraction.

import { numberToHex, type Hex } from 'viem';
import type { BlockRecord } from './block-record.ts';
import type { Chain } from './chain.ts';
import { baseFeeAfter } from './execute-block.ts';

export const MAX_FEE_BLOCKS = 1024;

/** Tips (wei per gas) at these percentiles of the block's gas. */
function tipsOf({ header, receipts }: BlockRecord, percentiles: number[]): Hex[] {
  const baseFeeWei = BigInt(header.baseFeePerGas);
  const bought = receipts
    .map(({ effectiveGasPrice, gasUsed }) => ({ tip: BigInt(effectiveGasPrice) - baseFeeWei, gas: Number(gasUsed) }))
    .sort((a, b) => (a.tip < b.tip ? -1 : 1));
  return percentiles.map((percentile) => {
    const wanted = (Number(header.gasUsed) * percentile) / 100;
    let sum = 0;
    return numberToHex(bought.find(({ gas }) => (sum += gas) >= wanted)?.tip ?? bought.at(-1)?.tip ?? 0n);
  });
}

export function feeHistory(chain: Chain, count: number, newest: number, percentiles: number[]) {
  const oldest = Math.max(0, newest - count + 1);
  const blocks = Array.from({ length: newest - oldest + 1 }, (_, at) => chain.block(oldest + at)!);
  return {
    oldestBlock: numberToHex(oldest),
    baseFeePerGas: [
      ...blocks.map(({ header }) => header.baseFeePerGas),
      numberToHex(baseFeeAfter(blocks.at(-1)!.header)),
    ],
    gasUsedRatio: blocks.map(({ header }) => Number(header.gasUsed) / Number(header.gasLimit)),
    reward: blocks.map((block) => tipsOf(block, percentiles)),
  };
}
