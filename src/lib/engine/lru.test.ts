import { expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { createLru } from './lru.ts';

it('agrees with a list that is searched, over random touches and removals', () => {
  const random = createRng(5);
  const lru = createLru<number>();
  let list: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const item = random.below(40);
    if (random.below(3) > 0) {
      lru.touch(item);
      list = [...list.filter((other) => other !== item), item];
    } else {
      const victim = random.below(2) === 0 ? item : (lru.oldest ?? item);
      expect(lru.remove(victim)).toBe(list.includes(victim));
      list = list.filter((other) => other !== victim);
    }
    expect([lru.oldest, lru.size]).toEqual([list[0] ?? null, list.length]);
  }
});
