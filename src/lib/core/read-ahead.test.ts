import { expect, it } from 'vitest';
import { readAhead } from './read-ahead.ts';

it('gives results in the order of the items, with no more under way than it may', async () => {
  let [now, most] = [0, 0];
  const ends: (() => void)[] = [];
  const read = async (item: number) => {
    most = Math.max(most, ++now);
    await new Promise<void>((resolve) => ends.push(resolve));
    now--;
    return 10 * item;
  };
  const results: number[] = [];
  const reading = (async () => {
    for await (const result of readAhead([1, 2, 3, 4, 5], read, 3)) results.push(result);
  })();
  // The last to begin ends first.
  while (results.length < 5) {
    ends.pop()?.();
    await new Promise((resolve) => setTimeout(resolve));
  }
  await reading;
  expect(results).toEqual([10, 20, 30, 40, 50]);
  expect(most).toBe(3);
});

it('ends with the first failure, in order; later failures are dropped', async () => {
  const results: number[] = [];
  const read = async (item: number) => {
    if (item > 1) throw new Error(`no ${item}`);
    return item;
  };
  const all = async () => {
    for await (const result of readAhead([1, 2, 3], read, 3)) results.push(result);
  };
  await expect(all()).rejects.toThrow('no 2');
  expect(results).toEqual([1]);
});
