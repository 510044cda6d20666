// Trees over rows: the shape by hand, every proof of every size, and nothing else proven.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toHex } from './bytes.ts';
import { createDigester } from './digester.ts';
import { keccak256 } from './keccak.ts';
import { createRowTree, rowProof, verifyRowProof } from './row-tree.ts';

const digester = await createDigester();
const leaves = (count: number, seed = 0) =>
  Array.from({ length: count }, (_, at) => digester.sha256(Uint8Array.of(seed, at >> 8, at)));
const rootOf = (list: readonly Uint8Array[]) => {
  const tree = createRowTree(digester);
  for (const leaf of list) tree.add(leaf);
  return tree.root();
};
const join = (a: Uint8Array, b: Uint8Array) => (toHex(a) < toHex(b) ? keccak256(a, b) : keccak256(b, a));

it('joins neighbours, and moves up a node without one', () => {
  const [a, b, c, d, e, f, g] = leaves(7) as [Uint8Array, ...Uint8Array[]];
  expect(rootOf([a])).toEqual(a);
  expect(rootOf([a, b!, c!])).toEqual(join(join(a, b!), c!));
  expect(rootOf([a, b!, c!, d!, e!])).toEqual(join(join(join(a, b!), join(c!, d!)), e!));
  expect(rootOf([a, b!, c!, d!, e!, f!, g!])).toEqual(join(join(join(a, b!), join(c!, d!)), join(join(e!, f!), g!)));
});

it('proves each leaf of trees of any size, and no other', () => {
  for (let count = 1; count <= 70; count++) {
    const list = leaves(count);
    const root = toHex(rootOf(list));
    const stranger = toHex(leaves(1, 9)[0]!);
    list.forEach((leaf, index) => {
      const siblings = rowProof(list, index, digester);
      expect(siblings.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
      expect(verifyRowProof(root, toHex(leaf), siblings)).toBe(true);
      expect(verifyRowProof(root, stranger, siblings)).toBe(false);
    });
  }
});

it('gives the root of what it holds at any time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (count) => {
      const tree = createRowTree(digester);
      const list = leaves(count);
      list.forEach((leaf, at) => {
        tree.add(leaf);
        if (at % 37 === 0) expect(tree.root()).toEqual(rootOf(list.slice(0, at + 1)));
      });
      expect([tree.count, toHex(tree.root())]).toEqual([count, toHex(rootOf(list))]);
    }),
    { numRuns: 20 },
  );
});

it('holds no view of a leaf, nor hands out what it works in', () => {
  const tree = createRowTree(digester);
  const [shared, list] = [new Uint8Array(32), leaves(3)];
  const roots = list.map((leaf) => {
    shared.set(leaf);
    tree.add(shared);
    return tree.root();
  });
  expect(roots).toEqual(list.map((_, at) => rootOf(list.slice(0, at + 1))));
});

it('refuses an empty tree and a leaf that is not there', () => {
  expect(() => createRowTree(digester).root()).toThrow('needs a leaf');
  expect(() => rowProof(leaves(2), 2, digester)).toThrow('Leaf 2 lies outside');
  expect(() => rowProof(leaves(2), -1, digester)).toThrow('Leaf -1 lies outside');
});
