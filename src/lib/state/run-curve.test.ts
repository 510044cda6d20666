// The curve of a run: bounded in length, exact while short, means of neighbours when long, cut when a run goes on from a checkpoint.

import { expect, it } from 'vitest';
import { addPoint, cutCurve, EMPTY_CURVE, pointsOf, type CurvePoint } from './run-curve.ts';

const point = (step: number, loss = step): CurvePoint => ({
  step,
  jobs: [{ loss, norm: 1, rate: 0.5 }],
  tokensPerSecond: 10,
});
const curveOf = (steps: number) =>
  Array.from({ length: steps }, (_, at) => point(at + 1)).reduce(addPoint, EMPTY_CURVE);

it('keeps every step of a short run', () => {
  expect(pointsOf(curveOf(3))).toEqual([point(1), point(2), point(3)]);
});

it('joins neighbours of a long run, and stays short', () => {
  const curve = curveOf(10_000);
  const points = pointsOf(curve);
  expect(points.length).toBeLessThanOrEqual(401);
  expect(points.at(-1)!.step).toBe(10_000);
  // Losses equal the steps here, so each mean lies in the middle of the steps it stands for.
  expect(points[0]!.jobs[0]!.loss).toBe((1 + curve.stride) / 2);
});

it('leaves steps without a loss out of a mean', () => {
  const { points } = curveOf(399);
  const full = addPoint({ stride: 1, points, waiting: [] }, point(400, Number.NaN));
  expect(full.stride).toBe(2);
  expect(full.points.at(-1)!.jobs[0]!.loss).toBe(399);
});

it('forgets the steps after a checkpoint', () => {
  expect(pointsOf(cutCurve(curveOf(9), 4)).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
});
