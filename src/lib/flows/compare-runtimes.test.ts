// Runtimes are measured one after the other on the same model and tokens; one that fails is a row's refusal, not the end.

import { expect, it } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { createFakeEngine } from '#tests/support/fake-engine.ts';
import { testHost } from '#tests/support/host.ts';
import { tinyChatModel } from '#tests/support/tiny-chat-model.ts';
import { compareRuntimes, type CompareEvent } from './compare-runtimes.ts';

it('gives a row of each runtime with figures, agreement and depths', async () => {
  const folder = createBlobFolder('tiny', tinyChatModel());
  const closed: string[] = [];
  const context = {
    start: (kind: string) => ({
      runtime:
        kind === 'wllama'
          ? createFakeEngine({ failure: new PayableError('test/broken', 'It broke.') })
          : createEngine({ ...testHost(null), openFolder: () => folder }),
      close: () => closed.push(kind),
    }),
    now: () => performance.now(),
  };
  const events: CompareEvent[] = [];
  const input = {
    kinds: ['webgpu', 'wllama', 'reference'] as const,
    model: { kind: 'files' as const, name: 'tiny', files: [] },
    dtype: 'f32' as const,
    ...{ promptTokens: 16, newTokens: 6, depths: [32, 64] },
  };
  const { signal } = new AbortController();
  for await (const event of compareRuntimes(context, input, { signal })) events.push(event);
  const rows = events.flatMap((event) => (event.type === 'row' ? [event.row] : []));
  expect(rows.map(({ kind }) => kind)).toEqual(['webgpu', 'reference']);
  for (const { kind, loadMs, prefill, decode, atDepth } of rows) {
    expect(Math.min(loadMs, prefill, decode, ...atDepth.map((at) => at.decode!))).toBeGreaterThan(0);
    expect(atDepth.map(({ depth }) => depth)).toEqual(kind === 'reference' ? [] : [32, 64]);
  }
  // The same text was read, so the same number of tokens.
  expect(rows[0]!.promptTokens).toBe(rows[1]!.promptTokens);
  expect(Math.abs(rows[0]!.promptTokens - 16)).toBeLessThan(8);
  expect(rows[0]!.agrees).toBeNull();
  expect(rows[1]!.agrees).toBe(rows[0]!.text.length);
  expect(events.find(({ type }) => type === 'refused')).toMatchObject({
    kind: 'wllama',
    error: { code: 'test/broken' },
  });
  expect(closed).toEqual(['webgpu', 'wllama', 'reference']);
});
