// A tree that is built from a stream has the root of one that is built at once.

import { expect, it } from 'vitest';
import { toHex, uintBytes } from '#lib/core/bytes.ts';
import { digester } from '#tests/support/datanets.ts';
import { createHolderTree } from './holder-tree.ts';
import { buildHolderRows } from './holders.ts';

it('has the same root for any number of rows', () => {
  const tree = createHolderTree(digester);
  expect(() => tree.root()).toThrow('needs a leaf');
  const leaves = Array.from({ length: 70 }, (_, at) => digester.sha256(uintBytes(at, 4)));
  for (const [at, leaf] of leaves.entries()) {
    tree.add(leaf);
    expect(tree.count).toBe(at + 1);
    expect(toHex(tree.root())).toBe(buildHolderRows(leaves.slice(0, at + 1).map(toHex)).root);
  }
});
