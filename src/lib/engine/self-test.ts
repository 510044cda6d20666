// A known-answer test of the device before a model speaks on it: every kernel the model uses, as it was compiled for the model,
// against plain TypeScript over a few rows. Some drivers compute wrongly without saying so; we would rather refuse than
// answer gibberish. Nothing is compiled for the test alone (but DoRA's norms), so the first load hardly grows longer.

import { GROUP, type WeightDtype } from '#lib/core/tensor.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { createLinearLayer } from '#lib/model/decoder/linear-layer.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import { TABLE_DTYPE } from '#lib/model/weights.ts';
import type { Device, DeviceBuffer, Dispatch, Program } from '#lib/webgpu/device.ts';
import { dora, doraGroups, encodeDoraCall } from '#lib/webgpu/kernels/dora/dora.ts';
import { embed, embedGroups, encodeEmbedCall } from '#lib/webgpu/kernels/embed/embed.ts';
import { expertDownGroups, type ExpertDownParams } from '#lib/webgpu/kernels/expert-down/expert-down.ts';
import { expertGluGroups, type ExpertGluParams } from '#lib/webgpu/kernels/expert-glu/expert-glu.ts';
import type { LinearParams, LinearShape } from '#lib/webgpu/kernels/linear/linear.ts';
import { encodePackCall, pack, packGroups, type PackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { CHOICE_WORDS, encodePartCall } from '#lib/webgpu/kernels/shared/expert-part.ts';
import { readWeight } from '#lib/webgpu/kernels/shared/weights.ts';
import { createMatrix, padded, type Matrix } from '#lib/webgpu/matrix.ts';
import { createReplay } from '#lib/webgpu/replay.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';
import { SelfTestError } from './errors.ts';
import { OWN, selfTestStep, type SelfTestStep } from './self-test-step.ts';

const ROWS = 13;
const COLUMNS = 96;
const passed = new WeakMap<Device, Set<string>>();

/**
 * How far a packed weight may be from what it was, in parts of its group's greatest. The coarsest scale that packing may
 * choose maps the greatest weight to 64 steps (q8), or cuts off the eighth step upwards (q4); the scale is rounded to f16.
 */
export const PACKING_ERROR: Record<WeightDtype, number> = { f32: 0, f16: 2 ** -10, q8: 1 / 120, q4: 1 / 7.9 };

export interface SelfTestOptions {
  device: Device;
  architecture: Architecture;
  dtype: WeightDtype;
  sizes: DecoderSizes;
  /** Fresh: the test leaves numbers in its buffers that a first step must not rely on. */
  transformer: Transformer;
}

/** Passing is remembered per device and per set of compiled kernels. @throws SelfTestError when the device is wrong. */
export async function selfTest({ device, architecture, dtype, sizes, transformer }: SelfTestOptions): Promise<void> {
  if (device.kind === 'reference') return;
  const done = passed.get(device) ?? new Set();
  passed.set(device, done);
  const key = `${dtype} ${kernelsOf(transformer)}`;
  if (done.has(key)) return;
  const step = selfTestStep(device, architecture, sizes, transformer);

  const owned: { destroy(): void }[] = [];
  const own = <T extends { destroy(): void }>(thing: T): T => {
    owned.push(thing);
    return thing;
  };
  const bench: Bench = {
    device,
    step,
    sizes,
    transformer,
    fail(kernel, detail) {
      const name = [device.vendor, device.architecture, device.description].filter(Boolean).join(' ');
      throw new SelfTestError(name, kernel, detail);
    },
    own,
    buffer(label, data) {
      const made = own(device.createBuffer(OWN + label, data.byteLength));
      device.write(made, 0, data);
      return made;
    },
  };
  try {
    // Compiled beside everything that follows.
    const norms = device.program(dora, { ...stepParams(sizes.step), dtype, pool: sizes.poolDtype });
    norms.catch(() => undefined);
    const kinds = [...new Set([dtype, TABLE_DTYPE[dtype]])];
    const matrices: Matrix[] = [];
    for (const kind of kinds) matrices.push(await packed(bench, kind));
    await checkKernels(bench, 'one', matrices, null);
    await checkKernels(bench, 'all', matrices, await norms);
  } finally {
    for (const thing of owned) thing.destroy();
  }
  done.add(key);
}

/** Everything compiled for a decoder, but for adapters with tables of their own. */
function programsOf(transformer: Transformer): Program[] {
  const heads = [{ head: null, first: 0, count: 1 }];
  const dispatches = [1, 2].flatMap((rows) =>
    transformer.dispatches({ rows, outputs: rows, rankWidth: 0, heads, sample: true }),
  );
  return [...new Set(dispatches.map(({ binding }) => binding.program))];
}

/** Names and constants of all that. */
const kernelsOf = (transformer: Transformer): string =>
  JSON.stringify(programsOf(transformer).map(({ kernel, params }) => [kernel.name, params]));

function linearShapesOf(transformer: Transformer): LinearShape[] {
  const linears = programsOf(transformer).filter(({ kernel }) => kernel.name === 'linear');
  const shapes = linears.map(({ params }) => {
    const { tokens, rows, threads, splits, lanes } = params as LinearParams;
    return { tokens, rows, threads, splits, lanes };
  });
  return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()];
}

interface Bench {
  device: Device;
  step: SelfTestStep;
  sizes: DecoderSizes;
  transformer: Transformer;
  fail(kernel: string, detail: string): never;
  own<T extends { destroy(): void }>(thing: T): T;
  buffer(label: string, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): DeviceBuffer;
}

/** A small matrix packed by the device itself, every weight close to what it was. */
async function packed({ device, step, fail, own, buffer }: Bench, dtype: WeightDtype): Promise<Matrix> {
  const source = step.floats(ROWS * COLUMNS);
  const matrix = own(createMatrix(device, OWN + dtype, ROWS, COLUMNS, dtype));
  const { groups } = matrix;
  const { weights, scales } = matrix.parts[0]!;
  const call: PackCall = { rows: ROWS, columns: COLUMNS, groups, firstRow: 0, rawAt: 0, format: 'F32', faultAt: 0 };
  const faults = buffer('faults', new Uint32Array(4));
  const bound = { call: buffer('call', encodePackCall(call)), raw: buffer('raw', source), weights, scales, faults };
  const program = await device.program(pack, { dtype });
  device.submit([{ binding: device.bind(program, bound), groups: packGroups(call) }]);
  const view = async (plane: DeviceBuffer) => {
    const bytes = await device.read(plane, 0, plane.bytes);
    return { u32: new Uint32Array(bytes), f32: new Float32Array(bytes) };
  };
  const [words, halves] = [await view(weights), await view(scales)];
  source.forEach((value, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
    const first = i - (column % GROUP);
    const greatest = Math.max(...source.subarray(first, first + GROUP).map(Math.abs));
    const got = readWeight(dtype, words, halves, groups, row, column);
    if (!(Math.abs(got - value) <= PACKING_ERROR[dtype] * greatest)) {
      fail(`${dtype} pack`, `element ${i} is ${got}, not ${value}`);
    }
  });
  return matrix;
}

/** `linear` over every matrix; with `norms`, the program that measures DoRA's, the other kernels too. */
async function checkKernels(bench: Bench, rows: 'one' | 'all', matrices: Matrix[], norms: Program | null) {
  const { device, step, sizes, transformer, fail, own, buffer } = bench;
  const { state, pools } = transformer;
  const [pool] = pools as [DeviceBuffer];
  const params = stepParams(sizes.step);
  step.write(rows);
  const replay = createReplay(device, step.partsOf, step.contentOf);
  const check = async (dispatch: Dispatch) => {
    const difference = await replay.run(dispatch);
    if (difference) fail(dispatch.binding.program.kernel.name, difference);
  };
  const count = rows === 'one' ? 1 : step.rows;
  const x = buffer('x', step.floats(count * COLUMNS));
  const y = buffer('y', new Float32Array(count * ROWS));
  const z = buffer('z', new Float32Array(count * 3 * step.rankWidth));
  const shapes = linearShapesOf(transformer).filter(({ tokens }) => (rows === 'one') === (tokens === 1));
  for (const [matrix, shape] of matrices.flatMap((matrix) => shapes.map((shape) => [matrix, shape] as const))) {
    const place = {
      matrix,
      shapes: { one: shape, several: shape },
      layer: 0,
      firstTarget: 0,
      targets: 3,
      yStride: ROWS,
    };
    const around = { step: params, pool: sizes.poolDtype, buffers: { x, y, z, pool, state }, own };
    const { parts } = await createLinearLayer(device, { ...place, ...around });
    for (const part of parts) await check(part(count, step.rankWidth));
  }
  if (!norms) return;

  for (const dispatch of step.activations) await check(dispatch);
  const [first, table] = [matrices[0]!, matrices.at(-1)!];
  const planes = ({ parts: [part] }: Matrix) => ({ weights: part!.weights, scales: part!.scales });
  const { groups } = table;

  const lookUp = buffer('call', encodeEmbedCall({ rows: ROWS, groups, firstRow: 0, scale: 1.5 }));
  const embedding = await device.program(embed, { ...params, dtype: table.dtype });
  const embedded = device.bind(embedding, { call: lookUp, ...planes(table), x, state });
  await check({ binding: embedded, groups: embedGroups(groups, count) });

  const call = { rows: ROWS, groups, matrixRow: 0, firstRow: 0, layer: 0, target: 0, descriptor: step.descriptor };
  const measured = device.bind(norms, {
    call: buffer('call', encodeDoraCall(call)),
    ...planes(first),
    pool,
    state,
    norms: buffer('norms', new Float32Array(ROWS)),
  });
  await check({ binding: measured, groups: doraGroups(ROWS) });
  for (const dispatch of expertDispatches(bench, first, x)) await check(dispatch);
}

/** The kernels over chosen experts as they were compiled, over the first rows of a first expert. */
function expertDispatches({ device, step, transformer, buffer }: Bench, matrix: Matrix, x: DeviceBuffer): Dispatch[] {
  const { groups, parts } = matrix;
  const { weights, scales } = parts[0]!;
  const call = buffer('call', encodePartCall({ firstRow: 0, rows: ROWS, groups }));
  const { state } = transformer;
  const choicesOf = (count: number) => {
    const choices = step.floats(count * CHOICE_WORDS);
    return buffer('choices', new Uint32Array(choices.map((value, i) => (i % CHOICE_WORDS === 0 ? 0 : value)).buffer));
  };
  return programsOf(transformer).flatMap((program): Dispatch[] => {
    if (program.kernel.name === 'expert-glu') {
      const shape = program.params as ExpertGluParams;
      const pairs = step.rows * shape.chosen;
      const gate = { gate: weights, gateScales: scales, up: weights, upScales: scales };
      const h = buffer('h', new Float32Array(pairs * padded(shape.ffn)));
      const binding = device.bind(program, { call, x, ...gate, choices: choicesOf(pairs), h, state });
      return [{ binding, groups: expertGluGroups(shape, step.rows) }];
    }
    if (program.kernel.name === 'expert-down') {
      const shape = program.params as ExpertDownParams;
      const pairs = step.rows * shape.chosen;
      const h = buffer('h', step.floats(pairs * matrix.columns));
      const stream = buffer('stream', step.floats(step.rows * padded(shape.hidden)));
      const binding = device.bind(program, { call, h, weights, scales, choices: choicesOf(pairs), x: stream, state });
      return [{ binding, groups: expertDownGroups(shape, step.rows) }];
    }
    return [];
  });
}
