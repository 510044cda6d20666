import { it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectClose, expectSame, runKernel, testDevice } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { encodeRouteCall, route, type RouteParams } from './route.ts';

const random = createRng(43);

type Case = Omit<RouteParams, keyof ReturnType<typeof stepCase>['params']> & { count: number };

const plain = {
  scores: 'softmax',
  bias: false,
  groups: 1,
  kept: 1,
  bestTwo: false,
  normalise: false,
  scale: 1,
} as const;
const cases: Case[] = [
  { ...plain, experts: 1, chosen: 1, stride: 2, count: 1, threads: 32 },
  { ...plain, experts: 5, chosen: 2, stride: 7, count: 7, threads: 8, normalise: true },
  { ...plain, experts: 60, chosen: 4, stride: 61, count: 3, threads: 64 },
  { ...plain, experts: 128, chosen: 8, stride: 128, count: 4, threads: 64, normalise: true },
  { ...plain, experts: 12, chosen: 3, stride: 12, count: 5, threads: 4, groups: 4, kept: 2, scale: 16 },
  {
    ...{ ...plain, experts: 16, chosen: 4, stride: 16, count: 6, threads: 64, scores: 'sigmoid', bias: true },
    ...{ groups: 4, kept: 2, bestTwo: true, normalise: true, scale: 2.5 },
  },
  {
    ...{ ...plain, experts: 256, chosen: 8, stride: 256, count: 2, threads: 64, scores: 'sigmoid', bias: true },
    ...{ groups: 8, kept: 4, bestTwo: true, normalise: true, scale: 2.5 },
  },
];

it.each(cases)('route to $chosen of $experts experts in $groups groups, by $scores', async ({ count, ...shape }) => {
  const { params, state } = stepCase({ rows: count, longest: 32 });
  await expectSame({
    kernel: route,
    params: { ...params, ...shape },
    groups: [count, 1, 1],
    buffers: {
      call: encodeRouteCall(4),
      scores: Float32Array.from({ length: count * shape.stride }, () => random.normal() * 3),
      choices: new Uint32Array(count * shape.chosen * 2).fill(0x7fc0_0000),
      vectors: Float32Array.from({ length: 4 + shape.experts }, () => random.normal() * 0.3),
      state,
    },
    // Numbers of experts are tiny as floats: words that differ show in the test below.
    compare: { choices: 'floats' },
  });
});

it('route takes equal scores in the order of the experts', async () => {
  const { params, state } = stepCase({ rows: 1, longest: 32 });
  const shape = { ...plain, experts: 6, chosen: 4, stride: 6, threads: 8 };
  const { choices } = await runKernel(await testDevice('default'), {
    kernel: route,
    params: { ...params, ...shape },
    groups: [1, 1, 1],
    buffers: {
      call: encodeRouteCall(0),
      scores: new Float32Array([0, 1, 0, 1, 0, -1]),
      choices: new Uint32Array(8),
      vectors: new Float32Array(4),
      state,
    },
    compare: { choices: 'words' },
  });
  const picked = new Uint32Array(choices!).filter((_, i) => i % 2 === 0);
  expectClose(Float32Array.from(picked), new Float32Array([1, 3, 0, 2]), 0, 'experts');
});
