// What the kernels of adapter gradients of one stacked matrix have in common: the call, and how many threads share a sum.

import type { Device } from '../../device.ts';
import { constants } from '../../kernel.ts';
import { stepConstants, type StepParams } from '../../step-state.ts';
import { bRowFunction, poolFunctions, stateFunctions, type PoolDtype } from '../shared/adapter.ts';
import source from './gradients.wgsl?raw';

export interface GradientCall {
  /** Groups of 32 in a row of the matrix's input. */
  groups: number;
  /** Elements of a row of dY. */
  yStride: number;
  layer: number;
  firstTarget: number;
  /** Where the outputs of each stacked projection start in a row of dY, at most three, and where the last one's end. */
  starts: readonly number[];
}

export type GradientShape = {
  threads: number;
  /** Threads that share one sum, which take its terms in turn: 1 on software adapters, where barriers cost more than they win. */
  lanes: number;
};

/** `lanes` of a sum over outputs or rows. */
export const gradientShape = ({ software }: Pick<Device, 'software'>): GradientShape =>
  software ? { threads: 8, lanes: 1 } : { threads: 64, lanes: 8 };

/** Rows of the step that a thread takes where they are not what it sums over. */
export const TOKENS = 4;

const MOST_TARGETS = 3;

export function encodeGradientCall({
  groups,
  yStride,
  layer,
  firstTarget,
  starts,
}: GradientCall): Uint32Array<ArrayBuffer> {
  const targets = starts.length - 1;
  if (targets < 1 || targets > MOST_TARGETS) throw new RangeError(`${targets} projections cannot share a call`);
  const bounds = Array.from({ length: MOST_TARGETS + 1 }, (_, i) => starts[Math.min(i, targets)]!);
  return new Uint32Array([groups, yStride, layer, firstTarget, ...bounds, targets, 0, 0, 0]);
}

export function decodeGradientCall(words: Uint32Array): GradientCall {
  const [groups, yStride, layer, firstTarget, ...rest] = Array.from(words) as [
    number,
    number,
    number,
    number,
    ...number[],
  ];
  return { groups, yStride, layer, firstTarget, starts: rest.slice(0, rest[MOST_TARGETS + 1]! + 1) };
}

export const outputsOf = ({ starts }: Pick<GradientCall, 'starts'>, target: number): number =>
  starts[target + 1]! - starts[target]!;

/** The most outputs that one of the stacked projections has. */
export const mostOutputs = (call: Pick<GradientCall, 'starts'>): number =>
  Math.max(...call.starts.slice(1).map((_, target) => outputsOf(call, target)));

/** `fn over_lanes(thread, value)`: the sum over the threads that share it, in their order. */
const overLanes = (lanes: number): string =>
  lanes === 1
    ? 'fn over_lanes(thread: u32, value: vec4<f32>) -> vec4<f32> { return value; }'
    : `var<workgroup> shares: array<vec4<f32>, THREADS>;
fn over_lanes(thread: u32, value: vec4<f32>) -> vec4<f32> {
  workgroupBarrier();
  shares[thread] = value;
  workgroupBarrier();
  var sum = vec4<f32>();
  for (var i = 0u; i < LANES; i++) {
    sum += shares[thread / LANES * LANES + i];
  }
  return sum;
}`;

/** Constants and functions in front of a kernel's own text. */
export const gradientHead = (params: StepParams & GradientShape): string =>
  [
    stepConstants(params),
    constants({ THREADS: params.threads, LANES: params.lanes, TOKENS }),
    source,
    stateFunctions,
    bRowFunction,
    overLanes(params.lanes),
  ].join('\n');

/** For kernels that read the pool. */
export const poolHead = (pool: PoolDtype): string =>
  `alias pool_word = ${pool === 'f32' ? 'vec4<f32>' : 'vec2<u32>'};\n${poolFunctions(pool)}`;
