// Measures single kernels over the shapes of a model: time per dispatch, bytes moved, arithmetic. Prints nothing.
// Bytes are those that a dispatch must move once; a figure of GB/s above the memory's speed means that caches served it.

import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import type { Groups, Kernel, KernelParams } from '#lib/webgpu/kernel.ts';
import { encodeGluCall, glu, gluGroups } from '#lib/webgpu/kernels/glu/glu.ts';
import { encodeLinearCall, linear, linearGroups, linearShapes } from '#lib/webgpu/kernels/linear/linear.ts';
import { encodeNormCall, norm } from '#lib/webgpu/kernels/norm/norm.ts';
import { padded, VECTORS_PER_GROUP } from '#lib/webgpu/matrix.ts';
import { HEADER, stepLayout, stepParams, type StepParams } from '#lib/webgpu/step-state.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { RandomShape } from './random-model.ts';

interface KernelCase {
  what: string;
  kernel: Kernel;
  params: KernelParams;
  groups: Groups;
  call: Uint32Array<ArrayBuffer>;
  /** Bytes of each buffer beside `call` and `state`. */
  buffers: Record<string, number>;
  bytesMoved: number;
  /** Null when arithmetic does not limit the kernel. */
  operations: number | null;
}

interface CaseOptions {
  device: Device;
  shape: RandomShape;
  rows: number;
  dtype: WeightDtype;
  step: StepParams;
}

const anyKernel = (kernel: unknown): Kernel => kernel as Kernel;

function linearCases({ device, shape, rows, dtype, step }: CaseOptions): KernelCase[] {
  const { hidden, heads, kvHeads, headDim, ffn, vocab } = shape;
  const matrices: [string, number, number][] = [
    ['qkv', (heads + 2 * kvHeads) * headDim, hidden],
    ['o', hidden, heads * headDim],
    ['gate+up', 2 * ffn, hidden],
    ['down', hidden, ffn],
    ['head', vocab, hidden],
  ];
  return matrices.map(([name, out, columns]) => {
    const groups = padded(columns) / 32;
    const { one, several } = linearShapes(device, { rows: out, groups });
    const threads = rows === 1 ? one : several;
    const at = { rows: out, groups, firstRow: 0, yStride: out, layer: 0, firstTarget: 0, targets: 0 };
    const call = { ...at, countWord: HEADER.rows };
    const weights = Math.ceil(out / 8) * 8 * groups * VECTORS_PER_GROUP[dtype] * 16;
    const scales = dtype === 'q8' || dtype === 'q4' ? Math.ceil(out / 8) * 8 * groups * 2 : 16;
    const x = rows * groups * 32 * 4;
    const y = rows * out * 4;
    return {
      what: `${name} ${out}x${columns} ${dtype}`,
      kernel: anyKernel(linear),
      params: { ...step, ...threads, dtype, pool: 'f32' },
      groups: linearGroups(call, rows, 0, threads),
      call: encodeLinearCall(call),
      buffers: { x, weights, scales, y, z: 16, pool: 16 },
      bytesMoved: x + weights + scales + y,
      operations: 2 * rows * out * columns,
    };
  });
}

function normCases({ shape: { hidden }, rows, step }: CaseOptions): KernelCase[] {
  const row = rows * padded(hidden) * 4;
  const kind = { branch: true, post: false, bias: false, gather: false };
  return [
    {
      what: `branch and norm of ${hidden}`,
      kernel: anyKernel(norm),
      params: { ...step, ...kind, hidden, eps: 1e-5, residual: 1, pool: 'f32', ahead: 1, threads: 64 },
      groups: [rows, 1, 1],
      call: encodeNormCall({ layer: 0, target: 6, weightAt: 0, postAt: 0, biasAt: 0 }),
      buffers: { x: row, y: row, h: row, vectors: hidden * 4, z: 16, pool: 16 },
      bytesMoved: 4 * row + hidden * 4,
      operations: null,
    },
  ];
}

function gluCases({ shape: { ffn }, rows, step }: CaseOptions): KernelCase[] {
  const y = rows * 2 * ffn * 4;
  const h = rows * padded(ffn) * 4;
  return [
    {
      what: `silu of ${ffn}`,
      kernel: anyKernel(glu),
      params: { ...step, ffn, activation: 'silu', bias: false, pool: 'f32', ahead: 1 },
      groups: gluGroups(ffn, rows),
      call: encodeGluCall({ layer: 0, biasAt: 0, firstTarget: 0 }),
      buffers: { y, h, vectors: 16, z: 16, pool: 16 },
      bytesMoved: y + h,
      operations: null,
    },
  ];
}

const CASES: Record<string, (options: CaseOptions) => KernelCase[]> = {
  glu: gluCases,
  linear: linearCases,
  norm: normCases,
};

export const BENCHED_KERNELS = Object.keys(CASES);

export interface KernelBenchOptions {
  device: Device;
  name: string;
  shapes: RandomShape[];
  rows: number;
  dtype: WeightDtype;
  /** Dispatches in one submit. */
  dispatches: number;
  /** Median of this many submits. */
  repetitions: number;
  now(): number;
  signal?: AbortSignal;
}

export interface KernelBenchRow {
  shape: string;
  what: string;
  rows: number;
  microseconds: number;
  bytesMoved: number;
  gigabytesPerSecond: number;
  gigaflops: number | null;
}

export async function benchKernel(options: KernelBenchOptions): Promise<KernelBenchRow[]> {
  const { device, name, shapes, rows, dtype, dispatches, repetitions, now, signal } = options;
  const layout = stepLayout({
    ...{ maxRows: rows, maxSlots: 1, maxBlocks: 1, layers: 1, targets: 1, adapterWords: 64, pageElements: 512 },
  });
  const step = stepParams(layout);
  const state = new Uint32Array(layout.words);
  state[HEADER.rows] = rows;
  const results: KernelBenchRow[] = [];
  for (const shape of shapes) {
    for (const one of CASES[name]!({ device, shape, rows, dtype, step })) {
      signal?.throwIfAborted();
      const owned: DeviceBuffer[] = [];
      const filled = (label: string, data: Uint32Array<ArrayBuffer>) => {
        const buffer = device.createBuffer(label, data.byteLength);
        device.write(buffer, 0, data);
        owned.push(buffer);
        return buffer;
      };
      try {
        const buffers: Record<string, DeviceBuffer> = { call: filled('call', one.call), state: filled('state', state) };
        // 1.0 and small halves: a CPU may treat zeroes specially.
        for (const [label, bytes] of Object.entries(one.buffers))
          buffers[label] = filled(label, new Uint32Array(Math.ceil(bytes / 4)).fill(0x3c00_3c00));
        const binding = device.bind(await device.program(one.kernel, one.params), buffers);
        const batch = Array.from({ length: dispatches }, (): Dispatch => ({ binding, groups: one.groups }));
        const run = async () => {
          const started = now();
          device.submit(batch);
          await device.settle();
          return (now() - started) / dispatches;
        };
        await run();
        const times: number[] = [];
        for (let i = 0; i < repetitions; i++) times.push(await run());
        const milliseconds = times.sort((a, b) => a - b)[times.length >> 1]!;
        results.push({
          ...{ shape: shape.name, what: one.what, rows, bytesMoved: one.bytesMoved },
          microseconds: milliseconds * 1e3,
          gigabytesPerSecond: one.bytesMoved / milliseconds / 1e6,
          gigaflops: one.operations === null ? null : one.operations / milliseconds / 1e6,
        });
      } finally {
        for (const buffer of owned) buffer.destroy();
      }
    }
  }
  return results;
}
