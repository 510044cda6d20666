// One weight matrix in its place: a binding per part and per token tile, made when first needed and kept.

import type { Binding, Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import {
  encodeLinearCall,
  linear,
  linearGroups,
  linearShapes,
  type LinearCall,
  type LinearShape,
  type LinearShapes,
} from '#lib/webgpu/kernels/linear/linear.ts';
import type { PoolDtype } from '#lib/webgpu/kernels/shared/adapter.ts';
import type { Matrix, MatrixPart } from '#lib/webgpu/matrix.ts';
import { HEADER, type StepParams } from '#lib/webgpu/step-state.ts';

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
}

export interface LinearLayer {
  /** One function a part; `range` limits it to some rows (which costs one small write). */
  parts: ((rows: number, rankWidth: number, range?: { first: number; count: number }) => Dispatch)[];
}

interface Bound {
  shape: LinearShape;
  binding: Binding;
}

export async function createLinearLayer(device: Device, options: LinearLayerOptions): Promise<LinearLayer> {
  const { matrix, step, pool, buffers } = options;
  const { dtype } = matrix;
  const { one, several } = options.shapes ?? linearShapes(device, matrix);
  const compiled = async (shape: LinearShape) => {
    return { shape, program: await device.program(linear, { ...step, ...shape, dtype, pool }) };
  };
  const variants = await Promise.all([compiled(one), compiled(several)]);

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
    const [single, many] = variants.map(({ shape, program }) => ({
      shape,
      binding: device.bind(program, { ...buffers, call: words, weights, scales }),
    })) as [Bound, Bound];
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
  return { parts: matrix.parts.map(createPart) };
}
