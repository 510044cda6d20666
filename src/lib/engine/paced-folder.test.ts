import { expect, it } from 'vitest';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { COMPUTE_BYTES, pacedFolder } from './paced-folder.ts';

it('takes a turn after each MiB that was read, however it was cut', async () => {
  let turns = 0;
  const folder = createMemoryFolder('it', new Map([['a', new Uint8Array(5 * COMPUTE_BYTES)]]));
  const paced = pacedFolder(folder, new AbortController().signal, () => {
    turns++;
    return Promise.resolve();
  });
  const half = COMPUTE_BYTES / 2;
  for (let i = 0; i < 4; i++) await paced.read('a', i * half, (i + 1) * half);
  expect(turns).toBe(2);
  await paced.read('a', 2 * COMPUTE_BYTES, 5 * COMPUTE_BYTES);
  expect(turns).toBe(3);
});

it.each([
  ['has', (folder: ReturnType<typeof pacedFolder>) => folder.has('a')],
  ['size', (folder: ReturnType<typeof pacedFolder>) => folder.size('a')],
  ['read', (folder: ReturnType<typeof pacedFolder>) => folder.read('a', 0, 1)],
] as const)(
  'ends `%s` with the load where the folder never answers, with the reason where it is one of ours',
  async (_, ask) => {
    const never = () => new Promise<never>(() => undefined);
    for (const [reason, expected] of [
      [undefined, AbortedError],
      [new PayableError('test/gone', 'Gone.'), PayableError],
    ] as const) {
      const stop = new AbortController();
      const asked = ask(pacedFolder({ name: 'it', has: never, size: never, read: never }, stop.signal, never));
      stop.abort(reason);
      await expect(asked).rejects.toBeInstanceOf(expected);
      await expect(
        ask(pacedFolder({ name: 'it', has: never, size: never, read: never }, stop.signal, never)),
      ).rejects.toBeInstanceOf(expected);
    }
  },
);
