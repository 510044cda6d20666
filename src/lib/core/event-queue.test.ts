import { expect, it } from 'vitest';
import { createEventQueue } from './event-queue.ts';

it('gives every event in order, those pushed before it was read and those pushed while the reader waits', async () => {
  const queue = createEventQueue<number>();
  queue.push(1);
  queue.push(2);
  const read = Array.fromAsync(queue);
  await Promise.resolve();
  queue.push(3);
  queue.end();
  expect(await read).toEqual([1, 2, 3]);
});

it('gives what was pushed before a failure, then the first failure', async () => {
  const queue = createEventQueue<number>();
  queue.push(1);
  queue.fail(new Error('first'));
  queue.fail(new Error('second'));
  queue.end();
  const read: number[] = [];
  const reading = (async () => {
    for await (const event of queue) read.push(event);
  })();
  await expect(reading).rejects.toThrow('first');
  expect(read).toEqual([1]);
});

it('fails a reader that waits', async () => {
  const queue = createEventQueue<number>();
  const reading = expect(Array.fromAsync(queue)).rejects.toThrow('gone');
  await Promise.resolve();
  queue.fail(new Error('gone'));
  await reading;
});

it('says when an event is taken, and once when the reader is done or stops early', async () => {
  for (const stopsEarly of [true, false]) {
    const log: string[] = [];
    const queue = createEventQueue<number>({ onTake: () => log.push('taken'), onReturn: () => log.push('returned') });
    queue.push(1);
    queue.push(2);
    queue.end();
    for await (const event of queue) {
      log.push(`read ${event}`);
      if (stopsEarly) break;
    }
    const rest = stopsEarly ? [] : ['taken', 'read 2'];
    expect(log).toEqual(['taken', 'read 1', ...rest, 'returned']);
  }
});

it('that keeps the newest replaces what was not read yet, and loses nothing pushed while the reader holds an event', async () => {
  const queue = createEventQueue<number>({ keeps: 'newest' });
  queue.push(1);
  queue.push(2);
  const read: number[] = [];
  for await (const event of queue) {
    read.push(event);
    if (event === 2) for (const next of [3, 4]) queue.push(next);
    if (event === 4) queue.end();
  }
  expect(read).toEqual([2, 4]);
});
