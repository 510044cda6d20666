import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createShardPlaces } from './shard-window.ts';

it('names the rows to draw and the shards to read', () => {
  const places = createShardPlaces([{ rows: 100 }, { rows: 50 }, { rows: 200 }, { rows: 32 }]);
  expect(places.total).toBe(382);
  expect(places.windowAt(0, 14)).toEqual({ rows: { first: 0, end: 32 }, shards: { first: 0, end: 1 } });
  expect(places.windowAt(140.5, 14)).toEqual({ rows: { first: 128, end: 168 }, shards: { first: 1, end: 3 } });
  expect(places.windowAt(1e9, 14)).toEqual({ rows: { first: 376, end: 382 }, shards: { first: 3, end: 4 } });
  expect(createShardPlaces([]).windowAt(0, 14)).toEqual({ rows: { first: 0, end: 0 }, shards: { first: 0, end: 0 } });
});

it('never leaves a row on screen out, nor draws one whose shard is not asked for', () => {
  const rows = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(
      rows,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 30 }),
      (counts, part, high) => {
        const places = createShardPlaces(counts.map((count) => ({ rows: count })));
        const top = part * Math.max(0, places.total - high);
        const { rows: drawn, shards } = places.windowAt(top, high);
        expect(drawn.first).toBeLessThanOrEqual(top);
        expect(drawn.end).toBeGreaterThanOrEqual(Math.min(places.total, top + high));
        expect(places.startOf(shards.first)).toBeLessThanOrEqual(drawn.first);
        expect(places.startOf(shards.end)).toBeGreaterThanOrEqual(drawn.end);
        for (const row of [drawn.first, drawn.end - 1]) {
          const shard = places.shardOf(row);
          expect(places.startOf(shard)).toBeLessThanOrEqual(row);
          expect(places.startOf(shard + 1)).toBeGreaterThan(row);
        }
      },
    ),
  );
});
