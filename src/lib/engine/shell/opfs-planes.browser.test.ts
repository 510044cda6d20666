// Sets of packed weights in the browser's own private file storage.

import { expect, it } from 'vitest';
import type { PlanesReport } from '#tests/support/opfs-planes-worker.ts';

it('finished sets are read back; unfinished, abandoned and too large ones are not there; the oldest go', async () => {
  const worker = new Worker(new URL('../../../../tests/support/opfs-planes-worker.ts', import.meta.url), {
    type: 'module',
  });
  const report = await new Promise<PlanesReport>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<PlanesReport>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  expect(report).toEqual({
    error: '',
    finished: { bytes: [2, 3, 4], manifest: '{"of":"first"}' },
    hasUnfinished: false,
    hasAbandoned: false,
    hasTooLarge: false,
    hasSecondWriter: false,
    names: ['fifth.json', 'fourth.json', 'third.json'],
  });
});
