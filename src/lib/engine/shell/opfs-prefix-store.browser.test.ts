import { expect, it } from 'vitest';
import type { PrefixReport } from '#tests/support/opfs-prefix-worker.ts';

it('keeps files by use; one that is missing or open elsewhere is not there', async () => {
  const worker = new Worker(new URL('../../../../tests/support/opfs-prefix-worker.ts', import.meta.url), {
    type: 'module',
  });
  const report = await new Promise<PrefixReport>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<PrefixReport>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(`prefixes-${crypto.randomUUID()}`);
  });
  worker.terminate();
  expect(report.error).toBe('');
  // With the eight bytes of the time of last use.
  const [a, b] = [
    ['a', 11],
    ['b', 9],
  ];
  expect(report.listed).toEqual([[], [a, b], [b, a], [b]]);
  expect(report.read).toEqual([[1, 2, 3], [9], null, [4], null]);
});
