// Events of a callback while a promise is awaited: all that a reader had time for, then the result or the failure.

import { expect, it } from 'vitest';
import { eventsDuring } from './events-during.ts';

/** Reads all events, then the result. */
async function read<E, R>(events: AsyncGenerator<E, R, void>): Promise<{ seen: E[]; result: R }> {
  const seen: E[] = [];
  let next = await events.next();
  for (; !next.done; next = await events.next()) seen.push(next.value);
  return { seen, result: next.value };
}

it('yields what is pushed while the work runs, then returns its result', async () => {
  const events = eventsDuring<number, string>(async (push) => {
    for (let n = 1; n <= 3; n++) {
      push(n);
      await new Promise((resolve) => setTimeout(resolve));
    }
    return 'done';
  });
  expect(await read(events)).toEqual({ seen: [1, 2, 3], result: 'done' });
});

it('keeps only the newest of several events that the reader had no time for', async () => {
  const events = eventsDuring<number, null>(async (push) => {
    push(1);
    push(2);
    return null;
  });
  expect(await read(events)).toEqual({ seen: [2], result: null });
});

it('yields events from before a failure, then throws it', async () => {
  const events = eventsDuring<string, never>(async (push) => {
    push('began');
    throw new Error('It broke.');
  });
  expect(await events.next()).toEqual({ done: false, value: 'began' });
  await expect(events.next()).rejects.toThrow('It broke.');
});

it('leaves no unhandled failure when the reader stops early', async () => {
  let fail: (error: Error) => void = () => undefined;
  const events = eventsDuring<string, never>((push) => {
    push('began');
    return new Promise((_, reject) => (fail = reject));
  });
  await events.next();
  await events.return(undefined as never);
  fail(new Error('It broke.'));
  expect(await events.next()).toEqual({ done: true, value: undefined });
});
