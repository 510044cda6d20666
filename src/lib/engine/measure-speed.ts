// How fast this device decodes, measured in a moment: the engine's own product of a weight matrix and a vector, over more weights than
// caches hold, and the cost of a dispatch that has nearly nothing to do. It loads no model.

import { GROUP } from '#lib/core/tensor.ts';
import { createLinearLayer } from '#lib/model/decoder/linear-layer.ts';
import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { linearShapes } from '#lib/webgpu/kernels/linear/linear.ts';
import { createMatrix, TILE, VECTORS_PER_GROUP } from '#lib/webgpu/matrix.ts';
import { HEADER, stepLayout, stepParams } from '#lib/webgpu/step-state.ts';

export const MEASURED_DTYPES = ['f16', 'q8', 'q4'] as const;
export type MeasuredDtype = (typeof MEASURED_DTYPES)[number];

export interface DeviceSpeed {
  /** Weights of each format that a decode step reads in a second. */
  bytesPerSecond: Record<MeasuredDtype, number>;
  /** A dispatch of a decode step, weights apart. */
  dispatchSeconds: number;
}

const COLUMNS = 2048;
const BYTES = 128 << 20;
const SOFTWARE_BYTES = 4 << 20;
/** Longer runs are measured until one takes so long. */
const ENOUGH_MS = 60;
const SOFTWARE_ENOUGH_MS = 15;
const MOST_DISPATCHES = 4096;

/** `now` is in milliseconds. @throws GpuMemoryError, GpuLostError */
export async function measureSpeed(device: Device, now: () => number): Promise<DeviceSpeed> {
  const owned: { destroy(): void }[] = [];
  const own = <T extends { destroy(): void }>(thing: T): T => {
    owned.push(thing);
    return thing;
  };
  const buffer = (label: string, bytes: number): DeviceBuffer => own(device.createBuffer(label, bytes));
  const sizes = { maxRows: 1, maxSlots: 1, maxBlocks: 1, layers: 1, targets: 1, adapterWords: 16, pageElements: 1024 };
  const layout = stepLayout(sizes);
  const state = buffer('measured state', layout.words * 4);
  device.write(state, HEADER.rows * 4, new Uint32Array([1]));
  const pool = buffer('measured pool', 4096);
  const enoughMs = device.software ? SOFTWARE_ENOUGH_MS : ENOUGH_MS;

  /** Seconds of one product. */
  const measure = async (dtype: MeasuredDtype, rows: number, columns: number) => {
    const matrix = own(createMatrix(device, 'measured', rows, columns, dtype));
    const { one } = linearShapes(device, matrix);
    const [x, y, z] = [columns, rows, 4].map((length) => buffer('measured vector', length * 4));
    const { parts } = await createLinearLayer(device, {
      ...{ matrix, layer: 0, firstTarget: 0, targets: 0, yStride: rows, shapes: { one, several: one } },
      ...{ step: stepParams(layout), pool: 'f16', buffers: { x: x!, y: y!, z: z!, pool, state } },
      own,
      later: null,
    });
    const dispatches = parts.map((part) => part(1, 0));
    const run = async (times: number) => {
      const start = now();
      device.submit(Array.from({ length: times }, () => dispatches).flat());
      await device.settle();
      return now() - start;
    };
    await run(1);
    for (let times = 1; ; times *= 2) {
      const ms = await run(times);
      if (ms < enoughMs && times < MOST_DISPATCHES) continue;
      // Other work on the device only ever makes a run slower.
      const best = Math.min(ms, await run(times), await run(times));
      return { seconds: best / 1000 / times, bytes: matrix.bytes };
    }
  };
  try {
    const bytes = device.software ? SOFTWARE_BYTES : Math.min(BYTES, device.maxBindingBytes);
    const rateOf = async (dtype: MeasuredDtype) => {
      const rowBytes = (COLUMNS / GROUP) * VECTORS_PER_GROUP[dtype] * 16;
      const large = await measure(dtype, Math.floor(bytes / rowBytes / TILE) * TILE, COLUMNS);
      return large.bytes / large.seconds;
    };
    const q4 = await rateOf('q4');
    // A software adapter compiles each format for long, and reads them about as fast.
    const bytesPerSecond = device.software
      ? { f16: q4, q8: q4, q4 }
      : { f16: await rateOf('f16'), q8: await rateOf('q8'), q4 };
    const { seconds } = await measure('q4', TILE, GROUP);
    return { bytesPerSecond, dispatchSeconds: seconds };
  } finally {
    for (const thing of owned) thing.destroy();
  }
}
