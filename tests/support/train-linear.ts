// Training of the linear case on a device, with the kernels of training.

import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import type { Groups, Kernel, KernelParams } from '#lib/webgpu/kernel.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';
import { adamw, adamwGroups, optimizerThreads } from '#lib/webgpu/kernels/adamw/adamw.ts';
import { gradientNorm } from '#lib/webgpu/kernels/adamw/gradient-norm.ts';
import { encodeSquaresCall, gradientSquares } from '#lib/webgpu/kernels/adamw/gradient-squares.ts';
import {
  encodeOptimizerTable,
  pageCount,
  RECORD,
  type OptimizerJob,
} from '#lib/webgpu/kernels/adamw/optimizer-table.ts';
import {
  encodeLinearBackwardCall,
  linearBackward,
  linearBackwardGroups,
  linearBackwardShape,
} from '#lib/webgpu/kernels/linear/linear.backward.ts';
import { dora, doraGroups, encodeDoraCall } from '#lib/webgpu/kernels/dora/dora.ts';
import { foldGains } from '#lib/webgpu/kernels/dora/fold-gains.ts';
import { encodeGainCall, gainGroups } from '#lib/webgpu/kernels/dora/gain-call.ts';
import { unfoldGains } from '#lib/webgpu/kernels/dora/unfold-gains.ts';
import { gainGradients, gainGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/gain-gradients.ts';
import { gainedOutputs, gainedOutputsGroups } from '#lib/webgpu/kernels/adapter-gradients/gained-outputs.ts';
import { encodeLinearCall, linear, linearGroups } from '#lib/webgpu/kernels/linear/linear.ts';
import { encodeNormCall, norm } from '#lib/webgpu/kernels/norm/norm.ts';
import { aGradients, aGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/a-gradients.ts';
import { bGradients, bGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/b-gradients.ts';
import { encodeGradientCall, gradientShape } from '#lib/webgpu/kernels/adapter-gradients/gradient-call.ts';
import { encodeGradientRuns } from '#lib/webgpu/kernels/adapter-gradients/gradient-runs.ts';
import { inputGradients, inputGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/input-gradients.ts';
import { rankGradients, rankGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/rank-gradients.ts';
import {
  ADAPTERS,
  INPUT,
  LENGTH,
  OPTIMIZER,
  OUTPUT,
  PAGE,
  POOL_ELEMENTS,
  placesOf,
  planes,
  START,
  stateOf,
  step,
  STEPS,
  STRIDE,
  wantedAt,
  X,
  type Blend,
} from './linear-training-case.ts';

/** Trains on a device. `learns` are the adapters with a gradient; the loss is half the sum of squares. */
export async function trainOn(device: Device, blends: readonly Blend[], learns: readonly number[]) {
  const rows = blends.length * LENGTH;
  const { state, rankWidth } = stateOf(blends);
  const upload = (data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): DeviceBuffer => {
    const buffer = device.createBuffer('test', data.byteLength);
    device.write(buffer, 0, data);
    return buffer;
  };
  const zeros = (count: number) => device.createBuffer('zeros', count * 4);
  const values = new Float32Array(POOL_ELEMENTS);
  const scales = new Float32Array(POOL_ELEMENTS / 32);
  ADAPTERS.forEach((adapter, i) => {
    const { a, gains, b } = placesOf(adapter);
    const { rank, scale, dora } = adapter;
    for (let r = 0; r < rank; r++) values.set(START[i]!.a.subarray(r * INPUT, (r + 1) * INPUT), a(r));
    values.set(START[i]!.magnitudes, gains);
    // Magnitudes lie where they are behind A.
    scales.fill(1, a(0) / 32, gains / 32 + (dora ? STRIDE / 32 : 0));
    for (let n = 0; n < OUTPUT; n++) {
      for (let r = 0; r < rank; r++) values[b(n) + r] = scale * START[i]!.b[n * rank + r]!;
      scales[Math.floor(b(n) / 32)] = scale;
    }
  });
  const run = (first: number) => ({ first: first * LENGTH, end: (first + 1) * LENGTH });
  const runs = encodeGradientRuns(
    learns.map((adapter) => ({
      descriptor: ADAPTERS[adapter]!.descriptor,
      places: ADAPTERS[adapter]!.descriptor,
      runs: blends.flatMap((blend, slot) => (blend.some((one) => one.adapter === adapter) ? [run(slot)] : [])),
    })),
  );
  const jobs = ADAPTERS.map(({ pages, rate, clip }, adapter): OptimizerJob => {
    return { ...OPTIMIZER, pages, rate, clip, scale: 1 / rows, applies: learns.includes(adapter) };
  });
  const pages = pageCount(jobs);
  const of = {
    ...{ state: upload(state), pool: upload(values), x: upload(X), runs: upload(runs), scales: upload(scales) },
    ...{
      weights: upload(planes.weights),
      scalesOfWeights: upload(planes.scales),
      table: upload(encodeOptimizerTable(jobs)),
    },
    ...{ y: zeros(rows * STRIDE), z: zeros(rows * 3 * rankWidth), u: zeros(rows * 3 * rankWidth) },
    ...{ total: zeros(rows * STRIDE), h: zeros(rows * STRIDE), dy: zeros(rows * STRIDE), dx: zeros(rows * INPUT) },
    ...{ grads: zeros(POOL_ELEMENTS), first: zeros(POOL_ELEMENTS), second: zeros(POOL_ELEMENTS) },
    ...{ squares: zeros(pages), records: zeros(jobs.length * RECORD.words) },
  };
  const stage = async <P extends KernelParams, B extends string>(
    kernel: Kernel<P, B>,
    params: P,
    buffers: Record<B, DeviceBuffer>,
    groups: Groups,
  ): Promise<Dispatch> => ({ binding: device.bind(await device.program(kernel, params), buffers), groups });

  const call = { rows: OUTPUT, groups: INPUT / 32, firstRow: 0, yStride: STRIDE, countWord: HEADER.rows };
  const ofLinear = { ...call, layer: 0, firstTarget: 0, targets: 1 };
  const ofGradients = { ...ofLinear, starts: [0, OUTPUT] };
  const words = upload(encodeGradientCall(ofGradients));
  const matrix = { weights: of.weights, scales: of.scalesOfWeights, state: of.state };
  const one = { tokens: 4, rows: 8, threads: 8, splits: 1, lanes: 0 };
  const back = linearBackwardShape(device);
  const shape = gradientShape(device);
  const threads = optimizerThreads(device);
  const pool = 'f32';
  const dtype = 'q8';
  const paged = { pageElements: PAGE, threads };
  const adds = { branch: true, post: false, bias: false, scale: false, gather: false, beside: false };
  const { x, y, z, u, dy, dx, grads, table, squares, records } = of;
  const forward = [
    await stage(
      linear,
      { ...step, ...one, dtype, pool },
      { ...matrix, call: upload(encodeLinearCall(ofLinear)), x, y, z, pool: of.pool },
      linearGroups(ofLinear, rows, rankWidth, one),
    ),
    await stage(
      norm,
      { ...step, ...adds, kind: 'none', hidden: OUTPUT, eps: 0, residual: 1, pool, ahead: 1, threads: 8 },
      {
        call: upload(encodeNormCall({ layer: 0, target: 0, weightAt: 0, postAt: 0, biasAt: 0, scaleAt: 0 })),
        ...{ x: of.total, y, h: of.h, vectors: zeros(4), z, pool: of.pool, state: of.state },
      },
      [rows, 1, 1],
    ),
  ];
  const backward = [
    await stage(
      rankGradients,
      { ...step, ...shape, pool },
      { call: words, dy, pool: of.pool, u, state: of.state },
      rankGradientsGroups(1, rows, rankWidth, shape),
    ),
    await stage(
      aGradients,
      { ...step, ...shape },
      { call: words, x, u, grads, runs: of.runs, state: of.state },
      aGradientsGroups(ofGradients, rankWidth, learns.length, shape),
    ),
    await stage(
      bGradients,
      { ...step, ...shape },
      { call: words, dy, z, grads, runs: of.runs, state: of.state },
      bGradientsGroups(ofGradients, rankWidth, learns.length, shape),
    ),
    await stage(
      gainGradients,
      { ...step, threads, pool },
      { call: words, dy, y, z, pool: of.pool, grads, runs: of.runs, state: of.state },
      gainGradientsGroups(ofGradients, learns.length, { threads }),
    ),
    // What it leaves in dY is for the base alone.
    await stage(
      gainedOutputs,
      { ...step, threads, pool },
      { call: words, dy, pool: of.pool, state: of.state },
      gainedOutputsGroups(ofGradients, rows, { threads }),
    ),
    await stage(
      linearBackward,
      { ...step, ...back, dtype },
      { ...matrix, call: upload(encodeLinearBackwardCall({ ...call, adds: false })), dy, dx },
      linearBackwardGroups(call, rows, back),
    ),
    await stage(
      inputGradients,
      { ...step, ...shape, pool },
      { call: words, u, pool: of.pool, dx, state: of.state },
      inputGradientsGroups(ofGradients, rows, shape),
    ),
  ];
  const { descriptor } = ADAPTERS.find(({ dora: isDora }) => isDora)!;
  const norms = zeros(OUTPUT);
  const gainCall = upload(encodeGainCall({ outputs: OUTPUT, target: 0, descriptor }));
  const unfold = await stage(
    unfoldGains,
    step,
    { call: gainCall, norms, pool: of.pool, grads, state: of.state },
    gainGroups(OUTPUT),
  );
  const fold = [
    await stage(
      dora,
      { ...step, dtype, pool },
      {
        call: upload(encodeDoraCall({ ...call, matrixRow: 0, layer: 0, target: 0, descriptor })),
        ...{ ...matrix, pool: of.pool, norms },
      },
      doraGroups(OUTPUT),
    ),
    await stage(foldGains, step, { call: gainCall, norms, pool: of.pool, state: of.state }, gainGroups(OUTPUT)),
  ];
  const optimize = [
    unfold,
    await stage(
      gradientSquares,
      paged,
      { call: upload(encodeSquaresCall(0, pages)), table, scales: of.scales, grads, squares },
      [pages, 1, 1],
    ),
    await stage(gradientNorm, { layers: 1, threads }, { table, squares, records }, [jobs.length, 1, 1]),
    await stage(
      adamw,
      paged,
      { table, records, scales: of.scales, pool: of.pool, grads, first: of.first, second: of.second },
      adamwGroups(pages, paged),
    ),
    ...fold,
  ];

  // The pool is written with magnitudes, as an optimizer leaves it.
  device.submit(fold);
  const losses: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    device.write(of.total, 0, new Float32Array(rows * STRIDE));
    const total = new Float32Array(await device.submitAndRead(forward, of.total, rows * STRIDE * 4));
    const error = total.map((value, at) =>
      at % STRIDE < OUTPUT ? value - wantedAt(Math.floor(at / STRIDE), at % STRIDE) : 0,
    );
    losses.push(error.reduce((sum, value) => sum + value ** 2 / 2, 0));
    device.write(dy, 0, error);
    device.submit([...backward, ...optimize]);
  }
  const floats = async (buffer: DeviceBuffer, count: number) =>
    new Float32Array(await device.read(buffer, 0, count * 4));
  device.submit([unfold]);
  const trained = await floats(of.pool, POOL_ELEMENTS);
  return {
    losses,
    dx: await floats(dx, rows * INPUT),
    pageOf: (page: number) => trained.slice(page * PAGE, (page + 1) * PAGE),
    adapters: ADAPTERS.map((adapter) => {
      const { a, gains, b } = placesOf(adapter);
      const { rank, scale, dora: isDora } = adapter;
      return {
        magnitudes: trained.slice(gains, isDora ? gains + OUTPUT : gains),
        a: Float32Array.from({ length: rank * INPUT }, (_, i) => trained[a(Math.floor(i / INPUT)) + (i % INPUT)]!),
        b: Float32Array.from(
          { length: OUTPUT * rank },
          (_, i) => trained[b(Math.floor(i / rank)) + (i % rank)]! / scale,
        ),
      };
    }),
  };
}
