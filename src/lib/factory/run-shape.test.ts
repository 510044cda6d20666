// What a run gives up when the memory does not suffice: in this order, each in words, down to a least shape.

import { expect, it } from 'vitest';
import { PRESETS } from './presets.ts';
import { shrinkRun, type RunShape, type ShrinkLimits } from './run-shape.ts';

const { recipe, data } = PRESETS.balanced;
const START: RunShape = { rows: 2048, data, recipes: [recipe, { ...recipe, rank: 8, alpha: 16 }] };

/** All rungs, with what examples of `longest` tokens become. */
function ladder(start: RunShape, limits: ShrinkLimits) {
  const rungs: { shape: RunShape; what: string }[] = [];
  for (let { longest } = limits, shape = start; ;) {
    const next = shrinkRun(shape, { ...limits, longest });
    if (!next) return rungs;
    rungs.push(next);
    ({ shape } = next);
    longest = Math.min(longest, shape.data.length);
  }
}

it('passes become smaller, then examples shorter, then ranks lower, then layers fewer', () => {
  expect(ladder(START, { longest: 400, layers: 8, fixed: [false, false] }).map(({ what }) => what)).toEqual([
    'A pass has 1024 tokens in place of 2048.',
    'A pass has 512 tokens in place of 1024.',
    'Examples are cut at 200 tokens; the limit was 512.',
    'Examples are cut at 100 tokens; the limit was 200.',
    'The rank of adapters is 8 in place of 16.',
    'The rank of adapters is 4 in place of 8.',
    'Adapters change the 4 highest of their 8 layers only.',
    'Adapters change the 2 highest of their 4 layers only.',
  ]);
});

it('the product of an adapter keeps its factor, and the upper layers stay', () => {
  const { shape } = ladder(START, { longest: 400, layers: 8, fixed: [false, false] }).at(-1)!;
  expect(shape.recipes.map(({ rank, alpha, layers }) => [rank, alpha, layers])).toEqual([
    ...[
      [4, 8, [6, 7]],
      [4, 8, [6, 7]],
    ],
  ]);
  expect(shape).toMatchObject({ rows: 128, data: { length: 100 } });
});

it('an adapter that goes on from another one keeps its rank and its layers', () => {
  const { shape } = ladder(START, { longest: 400, layers: 8, fixed: [true, false] }).at(-1)!;
  expect(shape.recipes[0]).toEqual(recipe);
  expect(shape.recipes[1]).toMatchObject({ rank: 4, layers: [6, 7] });
  expect(ladder(shape, { longest: 100, layers: 8, fixed: [true, true] })).toEqual([]);
});
