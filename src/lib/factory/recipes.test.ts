// Recipes: presets are within the bounds, what is out of bounds or unknown is refused by name, and rates are the same bits everywhere.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { learningRate } from './learning-rate.ts';
import { DEFAULT_PRESET, PRESETS } from './presets.ts';
import { readDataRecipe, readRecipe } from './read-recipe.ts';
import type { Recipe } from './recipe.ts';

const asJson = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
const { recipe: RECIPE, data: DATA } = PRESETS[DEFAULT_PRESET];

describe('presets', () => {
  it.each(Object.entries(PRESETS))('%s is a recipe that the reader accepts unchanged', (name, { recipe, data }) => {
    expect(readRecipe(asJson(recipe), name)).toEqual(recipe);
    expect(readDataRecipe(asJson(data), name)).toEqual(data);
  });

  it('the default one has a warm-up and a large epsilon, which attribution needs', () => {
    expect(RECIPE.warmup).toBeGreaterThan(0);
    expect(RECIPE.epsilon).toBeGreaterThanOrEqual(1e-4);
  });
});

describe('reading a recipe', () => {
  it('takes fields that are left out from the base', () => {
    expect(readRecipe({ rank: 4, targets: ['q_proj'] }, 'r.json', RECIPE)).toEqual({
      ...RECIPE,
      rank: 4,
      targets: ['q_proj'],
    });
    expect(readDataRecipe({ length: 64 }, 'r.json', DATA)).toEqual({ ...DATA, length: 64 });
  });

  it('refuses a field that it does not know, and names those that it knows', () => {
    expect(() => readRecipe({ learning_rate: 1 }, 'r.json', RECIPE)).toThrow(
      'r.json has the field "learning_rate", which a recipe does not have.',
    );
  });

  it('refuses a recipe that lacks a field', () => {
    const { rank: _, ...rest } = asJson(RECIPE);
    expect(() => readRecipe(rest, 'r.json')).toThrow('r.json: field "rank" is missing.');
  });

  const WRONG: [keyof Recipe, unknown[]][] = [
    ['kind', ['qlora', null, 1]],
    ['rank', [0, 257, 1.5, '8', null]],
    ['alpha', [0, -1, Infinity, NaN]],
    ['targets', [[], [1], ['q proj'], ['q_proj', 'q_proj'], 'q_proj', {}]],
    ['layers', [[], [-1], [0.5], [1, 1], [1000]]],
    ['rate', [0, 2, -1, '1e-4']],
    ['schedule', ['step', 0]],
    ['warmup', [-0.1, 1.1]],
    ['betas', [[0.9], [0.9, 1], [0.9, 0.9, 0.9], 0.9]],
    ['epsilon', [0, 2]],
    ['weightDecay', [-1, 2]],
    ['clip', [-1]],
    ['epochs', [0, 1001, 0.5]],
    ['batch', [0, 1025]],
    ['maxSteps', [0, 1.5, 1e7]],
    ['seed', [-1, 2 ** 32, 0.1]],
  ];
  it.each(WRONG)('refuses values of %s that are out of bounds', (field, values) => {
    for (const value of values)
      expect(() => readRecipe({ [field]: value }, 'r.json', RECIPE)).toThrow(`field "${field}" is`);
  });

  it.each([
    ['length', 15],
    ['length', 4096],
    ['joined', 2],
    ['validation', { share: 0.5 }],
    ['validation', { share: 1, least: 0 }],
    ['validation', { share: 0, least: 0, more: 1 }],
    ['turns', 'first'],
  ])('refuses data with %s %o', (field, value) => {
    expect(() => readDataRecipe({ [field]: value }, 'r.json', DATA)).toThrow(`field "${field}" is`);
  });
});

describe('the learning rate', () => {
  it('rises to its highest value, then falls by half a cosine', () => {
    const rates = Array.from({ length: 20 }, (_, step) => learningRate({ ...RECIPE, rate: 1, warmup: 0.2 }, step, 20));
    expect(rates.slice(0, 5)).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    for (let step = 4; step < 20; step++)
      expect(rates[step]).toBeCloseTo((1 + Math.cos((Math.PI * (step - 4)) / 16)) / 2, 14);
  });

  it('has the pinned bits, in any engine', () => {
    const bits = (rate: number) => new BigUint64Array(Float64Array.of(rate).buffer)[0]!.toString(16);
    const rates = [1, 7, 50, 99].map((step) => bits(learningRate({ ...RECIPE, rate: 1e-4, warmup: 0.03 }, step, 100)));
    // Computed by another program with the same additions, multiplications and divisions.
    expect(rates).toEqual(['3f0a36e2eb1c432d', '3f1a1ac4a3e1d623', '3f0b7cc82e43bc36', '3e5c27b9623d7939']);
  });

  it('is above 0 and at most the highest rate, at every step of any run', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('cosine', 'linear', 'constant'),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 5000 }),
        fc.nat(),
        (schedule, warmup, steps, at) => {
          const rate = learningRate({ rate: 0.001, schedule, warmup }, at % steps, steps);
          expect(rate).toBeGreaterThan(0);
          expect(rate).toBeLessThanOrEqual(0.001);
        },
      ),
    );
  });

  it('falls in a straight line, or not at all', () => {
    const of = (schedule: Recipe['schedule'], step: number) => learningRate({ rate: 1, schedule, warmup: 0 }, step, 4);
    expect([0, 1, 2, 3].map((step) => of('linear', step))).toEqual([1, 0.75, 0.5, 0.25]);
    expect([0, 3].map((step) => of('constant', step))).toEqual([1, 1]);
  });
});
