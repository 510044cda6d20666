// `payable bench quality` tells weights of few bits from the weights themselves.

import { expect, it } from 'vitest';
import { benchQuality, type QualityRow } from '../bench/quality-bench.ts';
import { smallModel } from './support/small-model.ts';
import { testHost } from './support/host.ts';

it('fewer bits of weights, keys and values lie further from f32, and f32 does not differ from itself', async () => {
  const folder = smallModel();
  const { positions, rows } = await benchQuality({
    host: { ...testHost(null), openFolder: () => folder },
    model: { kind: 'directory', path: '.' },
    limits: 'best',
    dtypes: ['f32', 'f16', 'q8', 'q4'],
    caches: ['f32', 'f16', 'i8'],
    positions: 100,
    text: null,
    onProgress: () => undefined,
  });
  expect(positions).toBeGreaterThanOrEqual(100);
  const [f32, f16, q8, q4] = rows.map(({ kl }) => kl) as [number, number, number, number];
  expect(f32).toBe(0);
  expect(rows[0]!.sameTop).toBe(1);
  expect(f16).toBeGreaterThan(0);
  expect(q8).toBeGreaterThan(f16);
  expect(q4).toBeGreaterThan(q8);
  expect(rows[3]!.sameTop).toBeLessThan(1);
  const [exact, halves, bytes] = rows.slice(4) as [QualityRow, QualityRow, QualityRow];
  expect([exact.cache, exact.kl, exact.sameTop]).toEqual(['f32', 0, 1]);
  expect(halves.kl).toBeGreaterThan(0);
  expect(halves.kl).toBeLessThanOrEqual(f16);
  expect(bytes.kl).toBeGreaterThan(halves.kl);
  expect(bytes.kl).toBeLessThan(0.01);
  expect(halves.cacheBytes).toBe(exact.cacheBytes / 2);
  // Heads of 8 elements: a scale of four bytes for eight bytes.
  expect(bytes.cacheBytes).toBe(exact.cacheBytes * (12 / 32));
});
