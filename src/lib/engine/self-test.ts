// A known-answer test of the device before the first model runs on it: kernels against their plain TypeScript on
// small random data. Some drivers compute wrongly without saying so; we would rather refuse than answer gibberish.

import { createRng } from '#lib/core/rng.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { encodeLinearCall, linear, linearGroups, type LinearCall } from '#lib/webgpu/kernels/linear/linear.ts';
import { encodePackCall, pack, packGroups, type PackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { createMatrix } from '#lib/webgpu/matrix.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { HEADER, stepLayout, stepParams } from '#lib/webgpu/step-state.ts';
import { SelfTestError } from './errors.ts';

const ROWS = 13;
const COLUMNS = 96;
const TOKENS = 5;
const TOLERANCE = 1e-5;
const passed = new WeakMap<Device, Set<WeightDtype>>();

/** @throws SelfTestError when the device is wrong. Passing is remembered per device and weight format. */
export async function selfTest(device: Device, dtype: WeightDtype): Promise<void> {
  const done = passed.get(device) ?? new Set();
  passed.set(device, done);
  if (device.kind === 'reference' || done.has(dtype)) return;
  const reference = createReferenceDevice();
  const expected = await multiply(reference, dtype);
  const actual = await multiply(device, dtype);
  const greatest = expected.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  expected.forEach((value, i) => {
    const off = Math.abs(actual[i]! - value);
    if (!(off <= TOLERANCE * greatest)) {
      const { vendor, architecture, description } = device;
      const detail = `element ${i} is ${actual[i]}, not ${value}`;
      throw new SelfTestError([vendor, architecture, description].filter(Boolean).join(' '), `${dtype} linear`, detail);
    }
  });
  done.add(dtype);
}

/** Packs a random matrix and multiplies random rows with it. */
async function multiply(device: Device, dtype: WeightDtype): Promise<Float32Array> {
  const random = createRng(7);
  const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
  const step = stepLayout({ maxRows: TOKENS, maxSlots: 1, maxBlocks: 1, layers: 1, adapterWords: 16 });
  const matrix = createMatrix(device, 'self-test', ROWS, COLUMNS, dtype);
  const { weights, scales } = matrix.parts[0]!;
  const made = new Map<string, ReturnType<Device['createBuffer']>>();
  const filled = (label: string, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>) => {
    const buffer = device.createBuffer(`self-test ${label}`, data.byteLength);
    device.write(buffer, 0, data);
    made.set(label, buffer);
    return buffer;
  };
  try {
    const packing: PackCall = {
      rows: ROWS,
      columns: COLUMNS,
      groups: matrix.groups,
      firstRow: 0,
      rawAt: 0,
      format: 'F32',
      faultAt: 0,
    };
    const raw = filled('raw', floats(ROWS * COLUMNS));
    const faults = filled('faults', new Uint32Array(4));
    const packCall = filled('pack call', encodePackCall(packing));
    const packer = await device.program(pack, { dtype });
    device.submit([
      {
        binding: device.bind(packer, { call: packCall, raw, weights, scales, faults }),
        groups: packGroups(packing),
      },
    ]);
    const state = new Uint32Array(step.words);
    state[HEADER.rows] = TOKENS;
    const call: LinearCall = {
      rows: ROWS,
      groups: matrix.groups,
      firstRow: 0,
      yStride: ROWS,
      layer: 0,
      firstTarget: 0,
      targets: 0,
      countWord: HEADER.rows,
    };
    const y = filled('y', new Float32Array(TOKENS * ROWS));
    const program = await device.program(linear, { ...stepParams(step), dtype, pool: 'f32', tokens: 4 });
    const binding = device.bind(program, {
      call: filled('call', encodeLinearCall(call)),
      x: filled('x', floats(TOKENS * COLUMNS)),
      weights,
      scales,
      y,
      z: filled('z', new Float32Array(4)),
      pool: filled('pool', new Float32Array(4)),
      state: filled('state', state),
    });
    const groups = linearGroups(call, TOKENS, 0, 4);
    return new Float32Array(await device.submitAndRead([{ binding, groups }], y, TOKENS * ROWS * 4));
  } finally {
    matrix.destroy();
    for (const buffer of made.values()) buffer.destroy();
  }
}
