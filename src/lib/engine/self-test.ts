// A known-answer test of the device before the first model runs on it: kernels against their plain TypeScript on
// small random data. Some drivers compute wrongly without saying so; we would rather refuse than answer gibberish.

import { createRng } from '#lib/core/rng.ts';
import { GROUP, type WeightDtype } from '#lib/core/tensor.ts';
import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { encodeLinearCall, linear, linearGroups, type LinearCall } from '#lib/webgpu/kernels/linear/linear.ts';
import { encodePackCall, pack, packGroups, type PackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { readWeight } from '#lib/webgpu/kernels/shared/weights.ts';
import { createMatrix } from '#lib/webgpu/matrix.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { HEADER, stepLayout, stepParams } from '#lib/webgpu/step-state.ts';
import { SelfTestError } from './errors.ts';

const ROWS = 13;
const COLUMNS = 96;
const TOKENS = 5;
const SHAPE = { tokens: 4, rows: 4 };
const TOLERANCE = 1e-5;
const passed = new WeakMap<Device, Set<WeightDtype>>();

/** Packing may differ from the plain kernel by the last bit of a division; never by more of a group's greatest weight than this. */
const PACKING_ERROR: Record<WeightDtype, number> = { f32: 0, f16: 2 ** -10, q8: 1 / 200, q4: 1 / 7.9 };

/** @throws SelfTestError when the device is wrong. Passing is remembered per device and weight format. */
export async function selfTest(device: Device, dtype: WeightDtype): Promise<void> {
  const done = passed.get(device) ?? new Set();
  passed.set(device, done);
  if (device.kind === 'reference' || done.has(dtype)) return;
  const reference = createReferenceDevice();
  const random = createRng(7);
  const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
  const source = floats(ROWS * COLUMNS);
  const x = floats(TOKENS * COLUMNS);

  const planes = await packOn(reference, dtype, source);
  const own = await packOn(device, dtype, source);
  checkPacking(device, dtype, source, own);
  const expected = await multiplyOn(reference, dtype, planes, x);
  const actual = await multiplyOn(device, dtype, planes, x);
  const greatest = expected.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  const wrong = expected.findIndex((value, i) => !(Math.abs(actual[i]! - value) <= TOLERANCE * greatest));
  if (wrong >= 0) fail(device, `${dtype} linear`, wrong, actual[wrong]!, expected[wrong]!);
  done.add(dtype);
}

function fail(device: Device, kernel: string, index: number, actual: number, expected: number): never {
  const name = [device.vendor, device.architecture, device.description].filter(Boolean).join(' ');
  throw new SelfTestError(name, kernel, `element ${index} is ${actual}, not ${expected}`);
}

interface Planes {
  weights: Uint32Array<ArrayBuffer>;
  scales: Uint32Array<ArrayBuffer>;
}

function checkPacking(device: Device, dtype: WeightDtype, source: Float32Array, { weights, scales }: Planes): void {
  const view = (words: Uint32Array<ArrayBuffer>) => ({ u32: words, f32: new Float32Array(words.buffer) });
  const groups = COLUMNS / GROUP;
  source.forEach((value, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
    const first = i - (column % GROUP);
    const greatest = Math.max(...source.subarray(first, first + GROUP).map(Math.abs));
    const packed = readWeight(dtype, view(weights), view(scales), groups, row, column);
    if (!(Math.abs(packed - value) <= PACKING_ERROR[dtype] * greatest)) fail(device, `${dtype} pack`, i, packed, value);
  });
}

async function packOn(device: Device, dtype: WeightDtype, source: Float32Array<ArrayBuffer>): Promise<Planes> {
  const matrix = createMatrix(device, 'self-test', ROWS, COLUMNS, dtype);
  const { weights, scales } = matrix.parts[0]!;
  const call: PackCall = {
    rows: ROWS,
    columns: COLUMNS,
    groups: matrix.groups,
    firstRow: 0,
    rawAt: 0,
    format: 'F32',
    faultAt: 0,
  };
  const others = fill(device, { call: encodePackCall(call), raw: source, faults: new Uint32Array(4) });
  try {
    const binding = device.bind(await device.program(pack, { dtype }), { ...others, weights, scales });
    device.submit([{ binding, groups: packGroups(call) }]);
    return {
      weights: new Uint32Array(await device.read(weights, 0, weights.bytes)),
      scales: new Uint32Array(await device.read(scales, 0, scales.bytes)),
    };
  } finally {
    matrix.destroy();
    for (const buffer of Object.values(others)) buffer.destroy();
  }
}

async function multiplyOn(
  device: Device,
  dtype: WeightDtype,
  planes: Planes,
  x: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const step = stepLayout({
    maxRows: TOKENS,
    maxSlots: 1,
    maxBlocks: 1,
    layers: 1,
    adapterWords: 16,
    pageElements: 64,
  });
  const state = new Uint32Array(step.words);
  state[HEADER.rows] = TOKENS;
  const call: LinearCall = {
    rows: ROWS,
    groups: COLUMNS / GROUP,
    firstRow: 0,
    yStride: ROWS,
    layer: 0,
    firstTarget: 0,
    targets: 0,
    countWord: HEADER.rows,
  };
  const y = new Float32Array(TOKENS * ROWS);
  const none = new Float32Array(4);
  const buffers = fill(device, { call: encodeLinearCall(call), x, ...planes, y, z: none, pool: none, state });
  try {
    const program = await device.program(linear, { ...stepParams(step), ...SHAPE, dtype, pool: 'f32' });
    const dispatch = { binding: device.bind(program, buffers), groups: linearGroups(call, TOKENS, 0, SHAPE) };
    return new Float32Array(await device.submitAndRead([dispatch], buffers.y, y.byteLength));
  } finally {
    for (const buffer of Object.values(buffers)) buffer.destroy();
  }
}

function fill<N extends string>(
  device: Device,
  data: Record<N, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>,
): Record<N, DeviceBuffer> {
  const names = Object.keys(data) as N[];
  const made = names.map((name) => {
    const buffer = device.createBuffer(`self-test ${name}`, data[name].byteLength);
    device.write(buffer, 0, data[name]);
    return [name, buffer] as const;
  });
  return Object.fromEntries(made) as Record<N, DeviceBuffer>;
}
