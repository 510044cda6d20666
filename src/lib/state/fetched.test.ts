// A value that is fetched repeatedly: one fetch at a time, and no answer to an outdated request.

import { expect, it } from 'vitest';
import { BadInputError } from '#lib/chain/input.ts';
import { Fetched } from './fetched.svelte.ts';

/** Fetches that the test answers. */
function byHand() {
  const open: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const fetched = new Fetched(() => new Promise<string>((resolve, reject) => open.push({ resolve, reject })));
  return { fetched, open };
}

it('fetches once more for all calls during a fetch', async () => {
  const { fetched, open } = byHand();
  const done = fetched.refresh();
  void fetched.refresh();
  void fetched.refresh();
  expect(open).toHaveLength(1);
  open[0]!.resolve('first');
  await expect.poll(() => open.length).toBe(2);
  expect(fetched.value).toBe('first');
  open[1]!.resolve('second');
  await done;
  expect([fetched.value, open.length]).toEqual(['second', 2]);
});

it('keeps the value when a fetch fails, and says why', async () => {
  const { fetched, open } = byHand();
  const first = fetched.refresh();
  open[0]!.resolve('known');
  await first;
  const second = fetched.refresh();
  open[1]!.reject(new BadInputError('The chain', 'is away'));
  await second;
  expect([fetched.value, fetched.problem?.message]).toEqual(['known', 'The chain is away.']);
  const third = fetched.refresh();
  open[2]!.resolve('again');
  await third;
  expect([fetched.value, fetched.problem]).toEqual(['again', null]);
});

it('drops the answer to an outdated request', async () => {
  const { fetched, open } = byHand();
  const old = fetched.refresh();
  const fresh = fetched.startOver();
  expect(open).toHaveLength(2);
  open[1]!.resolve('of the new chain');
  await fresh;
  open[0]!.resolve('of the old chain');
  await old;
  expect(fetched.value).toBe('of the new chain');
});
