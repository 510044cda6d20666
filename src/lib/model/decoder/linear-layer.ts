// One weight matrix in its place: a binding per part and per token tile, kept. The kernel for several rows of a step may come later;
// until then the one for one row computes them, with the same bits.

import type { Binding, Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import {
  encodeLinearCall,
  linear,
  linearGroups,
  linearShapes,
  manyRowsShape,
  type LinearCall,
  type LinearShape,
  type LinearShapes,
} from '#lib/webgpu/kernels/linear/linear.ts';
import type { PoolDtype } from '#lib/webgpu/kernels/shared/adapter.ts';
import type { Matrix, MatrixPart } from '#lib/webgpu/matrix.ts';
import { HEADER, type StepParams } from '#lib/webgpu/step-state.ts';
import type { LaterKernels } from './later-kernels.ts';

export interface LinearLayerOptions {
  matrix: Matrix;
  layer: number;
  firstTarget: number;
  targets: number;
  yStride: number;
  countWord?: number;
  /** Default: those for a matrix of this size. */
  shapes?: LinearShapes;
  step: StepParams;
  pool: PoolDtype;
  buffers: Record<'x' | 'y' | 'z' | 'pool' | 'state', DeviceBuffer>;
  own(buffer: DeviceBuffer): void;
  /** Where kernels for several rows are compiled. Null or closed: at once. */
  later: LaterKernels | null;
}

export interface LinearLayer {
  /** One function a part; `range` limits it to some rows (which costs one small write). */
  parts: ((rows: number, rankWidth: number, range?: { first: number; count: number }) => Dispatch)[];
}

/** A trainer's steps have many rows: one kernel is enough, also for a step of a single row. */
export function shapesForRows(device: Device, matrix: Matrix): LinearShapes {
  const many = manyRowsShape(device, matrix);
  return { one: many, several: many };
}

interface Bound {
  shape: LinearShape;
  binding: Binding;
}

export async function createLinearLayer(device: Device, options: LinearLayerOptions): Promise<LinearLayer> {
  const { matrix, step, pool, buffers } = options;
  const { dtype } = matrix;
  const { one, several } = options.shapes ?? linearShapes(device, matrix);
  const later = options.later?.isOpen ? options.later : null;
  const compiled = async (shape: LinearShape) => {
    return { shape, program: await device.program(linear, { ...step, ...shape, dtype, pool }) };
  };
  const [first, second] = await Promise.all([compiled(one), compiled(later ? one : several)]);
  /** Put kernels for several rows in their places. */
  const uses: ((kernel: typeof second) => void)[] = [];

  const createPart = (part: MatrixPart) => {
    const call: LinearCall = {
      rows: part.rows,
      groups: matrix.groups,
      firstRow: part.firstRow,
      yStride: options.yStride,
      layer: options.layer,
      firstTarget: options.firstTarget,
      // Adapter rows ride with the first part only.
      targets: part.firstRow === 0 ? options.targets : 0,
      countWord: options.countWord ?? HEADER.rows,
    };
    const words = device.createBuffer(`${matrix.label} call`, 48);
    options.own(words);
    device.write(words, 0, encodeLinearCall(call));
    const { weights, scales } = part;
    const bound = ({ shape, program }: typeof first): Bound => ({
      shape,
      binding: device.bind(program, { ...buffers, call: words, weights, scales }),
    });
    const single = bound(first);
    let many = second.program === first.program ? single : bound(second);
    uses.push((kernel) => void (many = bound(kernel)));
    let limited = false;
    return (rows: number, rankWidth: number, range?: { first: number; count: number }): Dispatch => {
      if (range || limited) {
        const limits = range ? { firstToken: range.first, tokenLimit: range.first + range.count } : {};
        device.write(words, 0, encodeLinearCall({ ...call, ...limits }));
        limited = range !== undefined;
      }
      const { shape, binding } = rows === 1 ? single : many;
      return { binding, groups: linearGroups(call, rows, rankWidth, shape) };
    };
  };
  const parts = matrix.parts.map(createPart);
  later?.add(async () => {
    const kernel = await compiled(several);
    return { program: kernel.program, use: () => uses.forEach((use) => use(kernel)) };
  });
  return { parts };
}
