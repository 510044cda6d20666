import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKvBlocks } from './kv-blocks.ts';

const rooted = (root: string) => [{ block: 0, root }];
const count = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('kv blocks', () => {
  it('gives all or nothing', () => {
    const blocks = createKvBlocks(4, 2);
    expect(blocks.take(5)).toBeNull();
    expect(blocks.available).toBe(4);
    expect(new Set(blocks.take(4)).size).toBe(4);
    expect(blocks.take(1)).toBeNull();
  });

  it('finds published blocks by their tokens and root, and only then', () => {
    const blocks = createKvBlocks(8, 2);
    const own = blocks.take(3)!;
    blocks.publish(rooted('a'), [1, 2, 3, 4, 5], own);
    blocks.release(own);
    expect(blocks.available).toBe(8);
    expect(blocks.match(rooted('b'), [1, 2, 3, 4], 9)).toEqual([]);
    expect(blocks.match(rooted('a'), [1, 2, 9, 9], 9)).toEqual([own[0]]);
    expect(blocks.match(rooted('a'), [1, 2, 3, 4, 5, 6], 9)).toEqual(own.slice(0, 2));
    expect(blocks.match(rooted('a'), [1, 2, 3, 4], 1)).toEqual([own[0]]);
  });

  it('shares the blocks before a root that begins later, and none behind it', () => {
    const blocks = createKvBlocks(16, 2);
    const tokens = [1, 2, 3, 4, 5, 6];
    const from = (block: number, root: string) => [...rooted('a'), { block, root }];
    const own = blocks.take(3)!;
    blocks.publish(rooted('a'), tokens, own);
    expect(blocks.match(from(1, 'x'), tokens, 9)).toEqual(own.slice(0, 1));
    const other = [own[0]!, ...blocks.take(2)!];
    blocks.publish(from(1, 'x'), tokens, other);
    expect(blocks.match(from(1, 'x'), tokens, 9)).toEqual(other);
    expect(blocks.match(from(1, 'y'), tokens, 9)).toEqual(own.slice(0, 1));
    expect(blocks.match(from(2, 'x'), tokens, 9)).toEqual(own.slice(0, 2));
    expect(blocks.match(rooted('a'), tokens, 9)).toEqual(own);
  });

  it('does not confuse equal tokens behind different beginnings', () => {
    const blocks = createKvBlocks(8, 2);
    const own = blocks.take(2)!;
    blocks.publish(rooted('a'), [1, 2, 7, 7], own);
    expect(blocks.match(rooted('a'), [3, 4, 7, 7], 9)).toEqual([]);
  });

  it('never hands out a block in use, and loses none', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(4), fc.nat(2)), { maxLength: 60 }), (steps) => {
        const blocks = createKvBlocks(7, 2);
        const holders: { tokens: number[]; blocks: number[] }[] = [];
        for (const [action, size, seed] of steps) {
          if (action < 2) {
            const tokens = count(2 * size + 1).map((i) => (i + seed) % 3);
            const shared = blocks.match(rooted('r'), tokens, size);
            const own = blocks.take(size - shared.length);
            if (own) holders.push({ tokens, blocks: [...shared, ...own] });
            else blocks.release(shared);
          } else {
            const leaving = holders.shift();
            if (!leaving) continue;
            blocks.publish(rooted('r'), leaving.tokens, leaving.blocks);
            blocks.release(leaving.blocks);
          }
          const held = new Set(holders.flatMap((holder) => holder.blocks));
          expect(blocks.available).toBe(7 - held.size);
        }
      }),
    );
  });
});
