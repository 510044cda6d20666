// One weight matrix in its place: a binding per part and per token tile, made when first needed and kept.

import type { Binding, Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { encodeLinearCall, linear, linearGroups, type LinearCall } from '#lib/webgpu/kernels/linear/linear.ts';
import type { PoolDtype } from '#lib/webgpu/kernels/shared/adapter.ts';
import type { Matrix, MatrixPart } from '#lib/webgpu/matrix.ts';
import { HEADER, type StepParams } from '#lib/webgpu/step-state.ts';

export interface LinearLayerOptions {
  label: string;
  matrix: Matrix;
  layer: number;
  firstTarget: number;
  targets: number;
  yStride: number;
  countWord?: number;
  step: StepParams;
  pool: PoolDtype;
  buffers: Record<'x' | 'y' | 'z' | 'pool' | 'state', DeviceBuffer>;
  own(buffer: DeviceBuffer): void;
}

export interface LinearLayer {
  /** One function a part; `range` limits it to some rows (which costs one small write). */
  parts: ((rows: number, rankWidth: number, range?: { first: number; count: number }) => Dispatch)[];
}

/** Token tiles the kernel is compiled for. Each gives the same bits; wider ones read weights less often. */
const TOKEN_TILES = [1, 4];

const tileFor = (rows: number): number => TOKEN_TILES.find((tile) => rows <= tile) ?? TOKEN_TILES.at(-1)!;

export async function createLinearLayer(device: Device, options: LinearLayerOptions): Promise<LinearLayer> {
  const { matrix, step, pool, buffers } = options;
  const { dtype } = matrix;
  const programs = new Map(
    await Promise.all(
      TOKEN_TILES.map(
        async (tokens) => [tokens, await device.program(linear, { ...step, dtype, pool, tokens })] as const,
      ),
    ),
  );

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
    const words = device.createBuffer(`${options.label} call`, 48);
    options.own(words);
    device.write(words, 0, encodeLinearCall(call));
    const bindings = new Map<number, Binding>();
    for (const [tokens, program] of programs) {
      const { weights, scales } = part;
      bindings.set(tokens, device.bind(program, { ...buffers, call: words, weights, scales }));
    }
    let limited = false;
    return (rows: number, rankWidth: number, range?: { first: number; count: number }): Dispatch => {
      if (range || limited) {
        const limits = range ? { firstToken: range.first, tokenLimit: range.first + range.count } : {};
        device.write(words, 0, encodeLinearCall({ ...call, ...limits }));
        limited = range !== undefined;
      }
      const tokens = tileFor(rows);
      return { binding: bindings.get(tokens)!, groups: linearGroups(call, rows, rankWidth, tokens) };
    };
  };
  return { parts: matrix.parts.map(createPart) };
}
