// What the heads and embeddings of adapters have in common in a backward pass: the gradient through a matrix, and that of a matrix.

import type { DecoderContext } from '#lib/model/decoder/decoder-context.ts';
import type { DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { addLowRank, addLowRankGroups, encodeAddLowRankCall } from '#lib/webgpu/kernels/add-low-rank/add-low-rank.ts';
import {
  encodeLinearBackwardCall,
  linearBackward,
  linearBackwardGroups,
  linearBackwardShape,
} from '#lib/webgpu/kernels/linear/linear.backward.ts';
import {
  encodeTableGradientsCall,
  tableGradients,
  tableGradientsGroups,
} from '#lib/webgpu/kernels/table-gradients/table-gradients.ts';
import { padded, type Matrix } from '#lib/webgpu/matrix.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';

/** A matrix of f32 in one part that learns: its gradient lies as it does. */
export interface LearningMatrix {
  matrix: Matrix;
  sums: DeviceBuffer;
}

export const weightsOf = ({ matrix }: LearningMatrix): DeviceBuffer => matrix.parts[0]!.weights;

/** B carries alpha / rank. */
export interface LearningTable {
  saved: LearningMatrix | null;
  lora: { a: LearningMatrix; b: LearningMatrix } | null;
}

/** For some rows or outputs of a step. */
type ForCount = (count: number) => Dispatch[];

export interface BackFlow {
  dy: DeviceBuffer;
  yStride: number;
  dx: DeviceBuffer;
  /** False: dX is overwritten. */
  adds: boolean;
  ofOutputs: boolean;
}

/** dX = dY W. */
export async function backThrough(
  context: DecoderContext,
  { dtype, groups, parts }: Matrix,
  { dy, yStride, dx, adds, ofOutputs }: BackFlow,
): Promise<ForCount> {
  const { device, step, cache } = context;
  const shape = linearBackwardShape(device);
  const program = await device.program(linearBackward, { ...step, ...shape, dtype });
  const countWord = ofOutputs ? HEADER.outputs : HEADER.rows;
  const bound = parts.map(({ firstRow, rows, weights, scales }) => {
    const part = { rows, firstRow, groups, yStride, countWord, adds: adds || firstRow > 0 };
    const call = context.call('table backward', encodeLinearBackwardCall(part));
    return { part, binding: device.bind(program, { call, dy, weights, scales, dx, state: cache.state }) };
  });
  return (count) => bound.map(({ part, binding }) => ({ binding, groups: linearBackwardGroups(part, count, shape) }));
}

/** Y += z B, where the adapter is applied. */
export async function addRanks(
  context: DecoderContext,
  { dtype, groups, parts }: Matrix,
  { z, y, ...of }: { z: DeviceBuffer; y: DeviceBuffer; yStride: number; descriptor: number; ofOutputs: boolean },
): Promise<ForCount> {
  const { device, step, cache } = context;
  const program = await device.program(addLowRank, { ...step, dtype });
  const bound = parts.map(({ rows, firstRow, weights, scales }) => {
    const call = context.call('table B', encodeAddLowRankCall({ ...of, rows, firstRow, groups, scale: 1 }));
    return { rows, binding: device.bind(program, { call, z, weights, scales, y, state: cache.state }) };
  });
  return (count) => bound.map(({ rows, binding }) => ({ binding, groups: addLowRankGroups(rows, count) }));
}

/** dW += dY X, where the adapter is applied. */
export async function sumsOf(
  context: DecoderContext,
  { matrix, sums }: LearningMatrix,
  { dy, x, ...of }: { dy: DeviceBuffer; x: DeviceBuffer; yStride: number; descriptor: number; ofOutputs: boolean },
): Promise<Dispatch> {
  const { device, step, cache } = context;
  const call = { ...of, rows: matrix.rows, columns: padded(matrix.columns) };
  const words = context.call('gradient of a table', encodeTableGradientsCall(call));
  const program = await device.program(tableGradients, step);
  return {
    binding: device.bind(program, { call: words, dy, x, sums, state: cache.state }),
    groups: tableGradientsGroups(call),
  };
}

/** A buffer for ranks of `b`, one row for each row or output of a step. */
export function rankRows({ device, own }: DecoderContext, label: string, b: Matrix, count: number): DeviceBuffer {
  const buffer = device.createBuffer(label, count * b.groups * 32 * 4);
  own(buffer);
  return buffer;
}
