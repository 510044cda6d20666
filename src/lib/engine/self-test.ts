// A known-answer test of the device before a model speaks on it: every kernel the model uses, as it was compiled for the model,
// against plain TypeScript over a few rows. Some drivers compute wrongly without saying so; we would rather refuse than
// answer gibberish. Nothing is compiled for the test alone. Kernels that are compiled later are tested beside the running model.

import { GROUP, type WeightDtype } from '#lib/core/tensor.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { createLinearLayer } from '#lib/model/decoder/linear-layer.ts';
import type { Device, DeviceBuffer, Dispatch, Program } from '#lib/webgpu/device.ts';
import { dora, doraGroups, encodeDoraCall } from '#lib/webgpu/kernels/dora/dora.ts';
import { embed, embedGroups, encodeEmbedCall } from '#lib/webgpu/kernels/embed/embed.ts';
import { expertDownGroups, type ExpertDownParams } from '#lib/webgpu/kernels/expert-down/expert-down.ts';
import { expertGluGroups, type ExpertGluParams } from '#lib/webgpu/kernels/expert-glu/expert-glu.ts';
import { linear, type LinearParams } from '#lib/webgpu/kernels/linear/linear.ts';
import { encodePackCall, pack, packGroups, type PackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { packReference } from '#lib/webgpu/kernels/pack/pack.reference.ts';
import { CHOICE_WORDS, encodePartCall } from '#lib/webgpu/kernels/shared/expert-part.ts';
import { readWeight } from '#lib/webgpu/kernels/shared/weights.ts';
import type { Memory } from '#lib/webgpu/kernel.ts';
import { createMatrix, padded, type Matrix } from '#lib/webgpu/matrix.ts';
import { createReplay } from '#lib/webgpu/replay.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';
import { SelfTestError } from './errors.ts';
import { OWN, selfTestStep, type SelfTestStep, type TestedDecoder } from './self-test-step.ts';

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
  transformer: TestedDecoder;
  /** `host`: the model needs no packing kernel, so none is tested. Default: `device`. */
  packsOn?: 'device' | 'host';
}

/** Passing is remembered per device and per set of compiled kernels. @throws SelfTestError when the device is wrong. */
export async function selfTest(options: SelfTestOptions): Promise<void> {
  const programs = programsOf(options.transformer);
  await once(options, programs, async (bench) => {
    const matrices = await packMatrices(bench, programs, options.packsOn);
    await checkLinear(bench, 'one', matrices, programs);
    await checkLinear(bench, 'all', matrices, programs);
    await checkOthers(bench, matrices, programs);
  });
}

/**
 * Tests `linear` and `dora` kernels that were compiled after the others, in buffers of the test's own.
 * @throws SelfTestError when the device is wrong
 */
export async function selfTestLater(
  options: Omit<SelfTestOptions, 'transformer'>,
  programs: readonly Program[],
): Promise<void> {
  const { device, sizes } = options;
  const own = [
    device.createBuffer(`${OWN}state`, sizes.step.words * 4),
    device.createBuffer(`${OWN}pool`, sizes.pages * sizes.pageBytes),
  ] as const;
  const [state, pool] = own;
  try {
    await once(
      { ...options, transformer: { state, pools: [pool], dispatches: () => [], blockParts: () => [] } },
      programs,
      async (bench) => {
        const matrices = await packMatrices(bench, programs);
        await checkLinear(bench, 'all', matrices, programs);
        await checkDora(bench, matrices, programs);
      },
    );
  } finally {
    for (const buffer of own) buffer.destroy();
  }
}

/** Runs the checks unless these programs passed them on this device before. */
async function once(
  { device, architecture, dtype, sizes, transformer }: SelfTestOptions,
  programs: readonly Program[],
  check: (bench: Bench) => Promise<void>,
): Promise<void> {
  if (device.kind === 'reference' || programs.length === 0) return;
  const done = passed.get(device) ?? new Set();
  passed.set(device, done);
  const key = `${dtype} ${JSON.stringify(programs.map(({ kernel, params }) => [kernel.name, params]))}`;
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
    await check(bench);
  } finally {
    for (const thing of owned) thing.destroy();
  }
  done.add(key);
}

/** Everything compiled for a decoder, but for adapters with tables of their own. */
function programsOf(transformer: TestedDecoder): Program[] {
  const heads = [{ head: null, first: 0, count: 1 }];
  const dispatches = [1, 2].flatMap((rows) =>
    transformer.dispatches({ rows, outputs: rows, rankWidth: 0, heads, sample: true }),
  );
  return [...new Set(dispatches.map(({ binding }) => binding.program))];
}

interface Bench {
  device: Device;
  step: SelfTestStep;
  sizes: DecoderSizes;
  transformer: TestedDecoder;
  fail(kernel: string, detail: string): never;
  own<T extends { destroy(): void }>(thing: T): T;
  buffer(label: string, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): DeviceBuffer;
}

type Matrices = ReadonlyMap<WeightDtype, Matrix>;

const dtypeOf = ({ params }: Program) => params['dtype'] as WeightDtype;

/** A matrix of each kind that the programs read. */
async function packMatrices(
  bench: Bench,
  programs: readonly Program[],
  packsOn: SelfTestOptions['packsOn'] = 'device',
): Promise<Matrices> {
  const matrices = new Map<WeightDtype, Matrix>();
  for (const dtype of new Set(programs.filter(({ params }) => 'dtype' in params).map(dtypeOf)))
    matrices.set(dtype, packsOn === 'host' ? packedByHost(bench, dtype) : await packed(bench, dtype));
  return matrices;
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

/** The same, packed by the kernel's plain TypeScript. */
function packedByHost({ device, step, own }: Bench, dtype: WeightDtype): Matrix {
  const matrix = own(createMatrix(device, OWN + dtype, ROWS, COLUMNS, dtype));
  const { groups } = matrix;
  const { weights, scales } = matrix.parts[0]!;
  const call: PackCall = { rows: ROWS, columns: COLUMNS, groups, firstRow: 0, rawAt: 0, format: 'F32', faultAt: 0 };
  const memoryOf = ({ buffer }: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>) => ({
    f32: new Float32Array(buffer),
    u32: new Uint32Array(buffer),
  });
  const planes = [weights, scales].map(({ bytes }) => memoryOf(new Uint32Array(bytes / 4)));
  const [words, halves] = planes as [Memory, Memory];
  const [raw, faults] = [memoryOf(step.floats(ROWS * COLUMNS)), memoryOf(new Uint32Array(4))];
  packReference({ call: memoryOf(encodePackCall(call)), raw, weights: words, scales: halves, faults }, { dtype });
  device.write(weights, 0, words.u32 as Uint32Array<ArrayBuffer>);
  device.write(scales, 0, halves.u32 as Uint32Array<ArrayBuffer>);
  return matrix;
}

/** Runs dispatches and compares them with their references. */
function checkerOf({ device, step, fail }: Bench): (dispatch: Dispatch) => Promise<void> {
  const replay = createReplay(device, step.partsOf, step.contentOf);
  return async (dispatch) => {
    const difference = await replay.run(dispatch);
    if (difference) fail(dispatch.binding.program.kernel.name, difference);
  };
}

async function checkLinear(
  bench: Bench,
  rows: 'one' | 'all',
  matrices: Matrices,
  programs: readonly Program[],
): Promise<void> {
  const { device, step, sizes, transformer, own, buffer } = bench;
  const { state, pools } = transformer;
  const [pool] = pools as [DeviceBuffer];
  step.write(rows);
  const check = checkerOf(bench);
  const count = rows === 'one' ? 1 : step.rows;
  const x = buffer('x', step.floats(count * COLUMNS));
  const y = buffer('y', new Float32Array(count * ROWS));
  const z = buffer('z', new Float32Array(count * 3 * step.rankWidth));
  for (const program of programs) {
    const shape = program.params as LinearParams;
    // What is compiled for several rows never runs for one.
    if (program.kernel.name !== linear.name || (rows === 'one' && shape.tokens > 1)) continue;
    const place = {
      matrix: matrices.get(shape.dtype)!,
      shapes: { one: shape, several: shape },
      layer: 0,
      firstTarget: 0,
      targets: 3,
      yStride: ROWS,
    };
    const buffers = { x, y, z, pool, state };
    const around = { step: stepParams(sizes.step), pool: sizes.poolDtype, buffers, own, later: null };
    const { parts } = await createLinearLayer(device, { ...place, ...around });
    for (const part of parts) await check(part(count, step.rankWidth));
  }
}

/** Everything but `linear`, over all rows. */
async function checkOthers(bench: Bench, matrices: Matrices, programs: readonly Program[]): Promise<void> {
  const { device, step, transformer, buffer } = bench;
  const { state } = transformer;
  step.write('all');
  const check = checkerOf(bench);
  for (const dispatch of step.activations) await check(dispatch);
  const x = buffer('x', step.floats(step.rows * COLUMNS));
  const embedding = programs.find(({ kernel }) => kernel.name === embed.name)!;
  const table = matrices.get(dtypeOf(embedding))!;
  const { groups } = table;
  const lookUp = buffer('call', encodeEmbedCall({ rows: ROWS, groups, firstRow: 0, scale: 1.5 }));
  const embedded = device.bind(embedding, { call: lookUp, ...planesOf(table), x, state });
  await check({ binding: embedded, groups: embedGroups(groups, step.rows) });
  for (const dispatch of expertDispatches(bench, programs, matrices, x)) await check(dispatch);
}

async function checkDora(bench: Bench, matrices: Matrices, programs: readonly Program[]): Promise<void> {
  const program = programs.find(({ kernel }) => kernel.name === dora.name);
  if (!program) return;
  const matrix = matrices.get(dtypeOf(program))!;
  const { device, step, transformer, buffer } = bench;
  const { state, pools } = transformer;
  const { groups } = matrix;
  step.write('all');
  const call = { rows: ROWS, groups, matrixRow: 0, firstRow: 0, layer: 0, target: 0, descriptor: step.descriptor };
  const binding = device.bind(program, {
    call: buffer('call', encodeDoraCall(call)),
    ...planesOf(matrix),
    pool: pools[0]!,
    state,
    norms: buffer('norms', new Float32Array(ROWS)),
  });
  await checkerOf(bench)({ binding, groups: doraGroups(ROWS) });
}

const planesOf = ({ parts: [part] }: Matrix) => ({ weights: part!.weights, scales: part!.scales });

/** The kernels over chosen experts as they were compiled, over the first rows of a first expert. */
function expertDispatches(
  { device, step, transformer, buffer }: Bench,
  programs: readonly Program[],
  matrices: Matrices,
  x: DeviceBuffer,
): Dispatch[] {
  const call = buffer('call', encodePartCall({ firstRow: 0, rows: ROWS, groups: padded(COLUMNS) / GROUP }));
  const { state } = transformer;
  const choicesOf = (count: number) => {
    const choices = step.floats(count * CHOICE_WORDS);
    return buffer('choices', new Uint32Array(choices.map((value, i) => (i % CHOICE_WORDS === 0 ? 0 : value)).buffer));
  };
  return programs.flatMap((program): Dispatch[] => {
    if (program.kernel.name === 'expert-glu') {
      const shape = program.params as ExpertGluParams;
      const pairs = step.rows * shape.chosen;
      const { weights, scales } = planesOf(matrices.get(shape.dtype)!);
      const gate = { gate: weights, gateScales: scales, up: weights, upScales: scales };
      const h = buffer('h', new Float32Array(pairs * padded(shape.ffn)));
      const binding = device.bind(program, { call, x, ...gate, choices: choicesOf(pairs), h, state });
      return [{ binding, groups: expertGluGroups(shape, step.rows) }];
    }
    if (program.kernel.name === 'expert-down') {
      const shape = program.params as ExpertDownParams;
      const pairs = step.rows * shape.chosen;
      const { weights, scales } = planesOf(matrices.get(shape.dtype)!);
      const h = buffer('h', step.floats(pairs * COLUMNS));
      const stream = buffer('stream', step.floats(step.rows * padded(shape.hidden)));
      const binding = device.bind(program, { call, h, weights, scales, choices: choicesOf(pairs), x: stream, state });
      return [{ binding, groups: expertDownGroups(shape, step.rows) }];
    }
    return [];
  });
}
