// Merkle-sum trees by hand and over random leaves; that Solidity agrees is tests/chain/references.test.ts.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHex, toHex, uintBytes, type Hex } from './bytes.ts';
import { keccak256 } from './keccak.ts';
import { buildSumTree, foldSumPath, sumTreeDepth, verifySumLeaf, type SumLeaf } from './merkle-sum.ts';

const content = (value: number): Hex => toHex(uintBytes(value, 32));
const zero: Hex = `0x${'00'.repeat(32)}`;

it('is made as the contract says', () => {
  const leaf = (value: number, amount: bigint) =>
    keccak256(Uint8Array.of(0), fromHex(content(value)), uintBytes(amount, 16));
  const inner = (left: Uint8Array, leftSum: bigint, right: Uint8Array, rightSum: bigint) =>
    keccak256(Uint8Array.of(1), left, uintBytes(leftSum, 16), right, uintBytes(rightSum, 16));
  const [a, b, c] = [leaf(1, 10n), leaf(2, 20n), leaf(3, 30n)];
  const tree = buildSumTree([1, 2, 3].map((value) => ({ content: content(value), amount: BigInt(value * 10) })));
  expect(tree).toMatchObject({ total: 60n, count: 3, depth: 2 });
  expect(tree.root).toBe(toHex(inner(inner(a, 10n, b, 20n), 30n, inner(c, 30n, new Uint8Array(32), 0n), 30n)));
});

it('has the root zero without a leaf, and the leaf itself with one', () => {
  expect(buildSumTree([])).toMatchObject({ root: zero, total: 0n, depth: 0 });
  const one = { content: content(7), amount: 5n };
  expect(verifySumLeaf(buildSumTree([one]).root, 5n, one, { index: 0n, siblings: [], sums: [] })).toBe(true);
});

it('proves every leaf with the sum before it, and refuses any other amount, place or total', () => {
  const leaves = fc.array(fc.tuple(fc.nat(), fc.bigInt(0n, 2n ** 100n)), { minLength: 1, maxLength: 33 });
  fc.assert(
    fc.property(leaves, (given) => {
      const list = given.map(([value, amount]): SumLeaf => ({ content: content(value), amount }));
      const tree = buildSumTree(list);
      let before = 0n;
      list.forEach((leaf, index) => {
        const path = tree.path(index);
        expect(path.siblings).toHaveLength(sumTreeDepth(list.length));
        expect(verifySumLeaf(tree.root, tree.total, leaf, path)).toBe(true);
        expect(verifySumLeaf(tree.root, tree.total, { ...leaf, amount: leaf.amount + 1n }, path)).toBe(false);
        expect(verifySumLeaf(tree.root, tree.total + 1n, leaf, path)).toBe(false);
        expect(foldSumPath(tree.node(0, index), path).before).toBe(before);
        before += leaf.amount;
      });
      expect(before).toBe(tree.total);
    }),
    { numRuns: 30 },
  );
});

it('refuses sums that 16 bytes do not hold, and paths that are none', () => {
  const half = { content: content(1), amount: 2n ** 127n };
  expect(() => buildSumTree([half, half])).toThrow('does not fit');
  expect(() => buildSumTree([{ ...half, amount: -1n }])).toThrow('does not fit');
  const node = { hash: zero, sum: 1n };
  expect(() => foldSumPath(node, { index: 2n, siblings: [zero], sums: [1n] })).toThrow('outside a tree');
  expect(() => foldSumPath(node, { index: 0n, siblings: [zero], sums: [] })).toThrow('1 hashes and 0 sums');
  expect(() => foldSumPath(node, { index: 0n, siblings: [zero], sums: [2n ** 128n - 1n] })).toThrow('does not fit');
});
