import { expect, it } from 'vitest';
import { AbortedError } from '#lib/core/errors.ts';
import { createLanes } from './lanes.ts';

const { signal } = new AbortController();
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('runs at the same time what fits, the rest in order of arrival, and what is larger than all lanes alone', async () => {
  const lanes = createLanes(10);
  const running: string[] = [];
  const done: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const run = (name: string, cost: number) =>
    lanes
      .run(cost, signal, () => {
        running.push(name);
        return new Promise<void>((resolve, reject) => ends.set(name, (error) => (error ? reject(error) : resolve())));
      })
      .then(
        () => done.push(name),
        () => done.push(`${name} failed`),
      );
  const all = [run('a', 6), run('b', 4), run('c', 30), run('d', 1)];
  await settled();
  expect(running).toEqual(['a', 'b']);
  ends.get('a')!(new Error('no'));
  await settled();
  expect(running).toEqual(['a', 'b']);
  ends.get('b')!();
  await settled();
  expect(running).toEqual(['a', 'b', 'c']);
  ends.get('c')!();
  await settled();
  expect(running).toEqual(['a', 'b', 'c', 'd']);
  ends.get('d')!();
  await Promise.all(all);
  expect(done).toEqual(['a failed', 'b', 'c', 'd']);
});

it('takes out of the line what is stopped before it began, and lets those behind it through', async () => {
  const lanes = createLanes(2);
  const stop = new AbortController();
  let end: () => void = () => undefined;
  const first = lanes.run(1, signal, () => new Promise<void>((resolve) => (end = resolve)));
  const second = lanes.run(2, stop.signal, () => Promise.reject(new Error('it was stopped before')));
  const third = lanes.run(1, signal, () => Promise.resolve('through'));
  stop.abort();
  await expect(second).rejects.toBeInstanceOf(AbortedError);
  expect(await third).toBe('through');
  await expect(lanes.run(1, stop.signal, () => Promise.resolve())).rejects.toBeInstanceOf(AbortedError);
  end();
  await first;
});
