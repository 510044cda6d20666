import { expect, it } from 'vitest';
import type { TransactionReceipt } from 'viem';
import { feePaidWei } from './fee-paid.ts';

const paid = (fields: object) =>
  feePaidWei({ gasUsed: 21_000n, effectiveGasPrice: 7n, ...fields } as unknown as TransactionReceipt);

it.each([
  ['a chain without a layer below', {}, 147_000n],
  ['nulls, as viem has them before Bedrock', { l1Fee: null, operatorFeeScalar: null }, 147_000n],
  ['a fee that viem has read', { l1Fee: 1_000n }, 148_000n],
  ['a fee as the node wrote it', { l1Fee: '0x3e8' }, 148_000n],
  // 21,000 gas x 500 millionths of a wei, rounded down, and 5 wei.
  ['an operator since Isthmus', { operatorFeeScalar: '0x1f4', operatorFeeConstant: '0x5' }, 147_015n],
  [
    'an operator since Jovian',
    { operatorFeeScalar: '0x2', operatorFeeConstant: '0x5', daFootprintGasScalar: '0x190' },
    147_000n + 4_200_005n,
  ],
])('counts %s', (_, fields, wei) => {
  expect(paid(fields)).toBe(wei);
});
