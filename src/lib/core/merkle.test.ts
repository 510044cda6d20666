// Sorted-pair trees: what OpenZeppelin's own library makes of the same leaves, and every proof of every size.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Hex } from './bytes.ts';
import { buildMerkleTree, standardLeaf, verifyMerkleProof } from './merkle.ts';

const leaf = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);

it('proves each leaf of trees of any size, and no other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(leaf, { minLength: 1, maxLength: 40 }), leaf, (leaves, stranger) => {
      const tree = buildMerkleTree(leaves);
      leaves.forEach((one, index) => {
        expect(verifyMerkleProof(tree.root, one, tree.proof(index))).toBe(true);
        expect(verifyMerkleProof(tree.root, stranger, tree.proof(index))).toBe(leaves.length === 1 && one === stranger);
      });
    }),
    { numRuns: 40 },
  );
});

it('does not depend on the order of leaves', () => {
  const leaves = [1n, 2n, 3n, 4n, 5n].map((value) => standardLeaf(value));
  expect(buildMerkleTree([...leaves].reverse()).root).toBe(buildMerkleTree(leaves).root);
});

it('makes the tree of OpenZeppelin’s README', () => {
  // https://github.com/OpenZeppelin/merkle-tree: ["address", "uint256"].
  const leaves = [
    standardLeaf('0x1111111111111111111111111111111111111111', 5000000000000000000n),
    standardLeaf('0x2222222222222222222222222222222222222222', 2500000000000000000n),
  ];
  expect(buildMerkleTree(leaves).root).toBe('0xd4dee0beab2d53f2cc83e567171bd2820e49898130a22622b10ead383e90bd77');
});

it('refuses an empty tree and a leaf that is not there', () => {
  expect(() => buildMerkleTree([])).toThrow('needs a leaf');
  expect(() => buildMerkleTree([standardLeaf(1n)]).proof(1)).toThrow('Leaf 1 lies outside');
});
