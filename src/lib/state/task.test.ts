// Work with a stop button: one run at a time or the newest run only, and no late answer of an older one.

import { expect, it } from 'vitest';
import { AbortedError } from '#lib/core/errors.ts';
import { BadInputError } from '#lib/chain/input.ts';
import { Task } from './task.svelte.ts';

/** Work that ends when the test says so. */
function byHand() {
  const runs: { signal: AbortSignal; end: () => void; fail: (error: Error) => void }[] = [];
  const work = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => runs.push({ signal, end: resolve, fail: reject }));
  return { task: new Task(), runs, work };
}
const BROKEN = new BadInputError('The file', 'is broken');

it('runs, ends, and says why it failed until the next run', async () => {
  const { task, runs, work } = byHand();
  const first = task.start(work);
  expect(task.isRunning).toBe(true);
  runs[0]!.fail(BROKEN);
  expect([await first, task.isRunning, task.problem?.message]).toEqual([false, false, 'The file is broken.']);
  const second = task.start(work);
  expect([task.isRunning, task.problem]).toEqual([true, null]);
  runs[1]!.end();
  expect([await second, task.isRunning, task.problem]).toEqual([true, false, null]);
});

it('start refuses while something runs, also after stop until that has ended', async () => {
  const { task, runs, work } = byHand();
  const first = task.start(work);
  expect(await task.start(work)).toBe(false);
  task.stop();
  expect(runs[0]!.signal.aborted).toBe(true);
  expect([await task.start(work), task.isRunning, runs.length]).toEqual([false, true, 1]);
  runs[0]!.fail(new AbortedError());
  expect([await first, task.isRunning, task.problem]).toEqual([false, false, null]);
  void task.start(work);
  expect(runs).toHaveLength(2);
});

it('restart stops the older run, whose end changes nothing any more', async () => {
  const { task, runs, work } = byHand();
  const older = task.restart(work);
  const newer = task.restart(work);
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  runs[0]!.fail(BROKEN);
  expect([await older, task.isRunning, task.problem]).toEqual([false, true, null]);
  runs[1]!.fail(BROKEN);
  expect([await newer, task.isRunning, task.problem?.message]).toEqual([false, false, 'The file is broken.']);
});

it('a late failure of an older run does not hide the problem of the newer one', async () => {
  const { task, runs, work } = byHand();
  const older = task.restart(work);
  const newer = task.restart(work);
  runs[1]!.fail(BROKEN);
  await newer;
  runs[0]!.fail(new Error('Too late.'));
  expect([await older, task.problem?.message]).toEqual([false, 'The file is broken.']);
});

it('an older run that ends well counts as stopped', async () => {
  const { task, runs, work } = byHand();
  const older = task.restart(work);
  const newer = task.restart(work);
  runs[0]!.end();
  expect([await older, task.isRunning]).toEqual([false, true]);
  runs[1]!.end();
  expect([await newer, task.isRunning]).toEqual([true, false]);
});

it.each([
  ['the error that its signal throws', (signal: AbortSignal) => signal.reason as Error],
  ['any other error', () => BROKEN],
])('what fails after stop is no problem: %s', async (_, errorOf) => {
  const { task, runs, work } = byHand();
  const run = task.start(work);
  task.stop();
  runs[0]!.fail(errorOf(runs[0]!.signal));
  expect([await run, task.problem]).toEqual([false, null]);
});

it('an AbortedError from elsewhere is no problem either', async () => {
  const task = new Task();
  expect(await task.start(() => Promise.reject(new AbortedError()))).toBe(false);
  expect([task.problem, task.isRunning]).toEqual([null, false]);
});

it('work that fails before its first wait is caught', async () => {
  const task = new Task();
  const run = task.start(() => {
    throw BROKEN;
  });
  expect([await run, task.problem?.message, task.isRunning]).toEqual([false, 'The file is broken.', false]);
});
