import { expect, it } from 'vitest';
import { createTurns, UPLOAD_BYTES } from './turns.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('sends uploads at once while no step runs, and between two steps no more than fits', async () => {
  const turns = createTurns();
  const sent: number[] = [];
  const upload = (bytes: number) => turns.upload(bytes, () => void sent.push(bytes));
  await upload(UPLOAD_BYTES);
  await upload(UPLOAD_BYTES);
  expect(sent).toHaveLength(2);
  turns.step();
  const half = UPLOAD_BYTES / 2;
  const all = [half, half, 1, UPLOAD_BYTES, half].map(upload);
  expect(sent.slice(2)).toEqual([half, half]);
  turns.step();
  expect(sent.slice(4)).toEqual([1]);
  turns.step();
  expect(sent.slice(5)).toEqual([UPLOAD_BYTES]);
  turns.rest();
  expect(sent.slice(6)).toEqual([half]);
  await Promise.all(all);
});

it('hands on what sending throws, and goes on with the next', async () => {
  const turns = createTurns();
  const failing = turns.upload(1, () => {
    throw new Error('lost');
  });
  await expect(failing).rejects.toThrow('lost');
  await turns.upload(1, () => undefined);
});

it('gives the thread to other events between two pieces of computing, also of several loads', async () => {
  const turns = createTurns();
  const order: string[] = [];
  const work = async (name: string) => {
    for (let i = 0; i < 3; i++) {
      await turns.compute();
      order.push(name);
      await settled().then(() => order.push('other'));
    }
  };
  await Promise.all([work('a'), work('b')]);
  const pieces = order.filter((name) => name !== 'other');
  expect(pieces.toSorted()).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  expect(order.some((name, i) => name !== 'other' && order[i + 1] !== 'other' && i + 1 < order.length)).toBe(false);
});
