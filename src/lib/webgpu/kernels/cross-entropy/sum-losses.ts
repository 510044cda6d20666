// The weighted losses of each adapter's targets, added to what earlier batches of the same training step left.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { sumOverThreads } from '../shared/over-threads.ts';
import source from './sum-losses.wgsl?raw';
import { TARGET } from './targets.ts';

const THREADS = 32;

/** `count`: targets, of all adapters. */
export const encodeSumLossesCall = (count: number): Uint32Array<ArrayBuffer> => new Uint32Array([count, 0, 0, 0]);

export const sumLossesGroups = (adapters: number): Groups => [adapters, 1, 1];

export const sumLosses = defineKernel<Record<string, never>>()({
  name: 'sum-losses',
  bindings: { call: 'uniform', targets: 'read', losses: 'read', sums: 'write' },
  wgsl: () =>
    [
      constants({
        THREADS,
        TARGET_WORDS: TARGET.words,
        TARGET_ADAPTER: TARGET.adapter,
        TARGET_WEIGHT: TARGET.weight,
      }),
      sumOverThreads('f32'),
      source,
    ].join('\n'),
  reference({ call, targets, losses, sums }, _, [adapters]) {
    for (let adapter = 0; adapter < adapters; adapter++) {
      let sum = 0;
      for (let i = 0; i < call.u32[0]!; i++) {
        const aim = i * TARGET.words;
        if (targets.u32[aim + TARGET.adapter] === adapter) sum += targets.f32[aim + TARGET.weight]! * losses.f32[i]!;
      }
      sums.f32[adapter]! += sum;
    }
  },
});
