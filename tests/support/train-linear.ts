// Training of the linear case on a device, with the kernels of training.

import { createOptimizer } from '#lib/engine/training/optimizer.ts';
import { linearBackwardStages } from '#lib/model/decoder/linear-backward-stages.ts';
import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import type { Groups, Kernel, KernelParams } from '#lib/webgpu/kernel.ts';
import { pageCount, type OptimizerJob } from '#lib/webgpu/kernels/adamw/optimizer-table.ts';
import { encodeGradientRuns } from '#lib/webgpu/kernels/adapter-gradients/gradient-runs.ts';
import { dora, doraGroups, encodeDoraCall } from '#lib/webgpu/kernels/dora/dora.ts';
import { foldGains } from '#lib/webgpu/kernels/dora/fold-gains.ts';
import { encodeGainCall, gainGroups } from '#lib/webgpu/kernels/dora/gain-call.ts';
import { unfoldGains } from '#lib/webgpu/kernels/dora/unfold-gains.ts';
import { unfoldGradients, unfoldGradientsGroups } from '#lib/webgpu/kernels/dora/unfold-gradients.ts';
import { encodeLinearCall, linear, linearGroups } from '#lib/webgpu/kernels/linear/linear.ts';
import { encodeNormCall, norm } from '#lib/webgpu/kernels/norm/norm.ts';
import { TILE } from '#lib/webgpu/matrix.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';
import {
  ADAPTERS,
  INPUT,
  LENGTH,
  OPTIMIZER,
  OUTPUT,
  PAGE,
  POOL_ELEMENTS,
  PROJECTION,
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
  const of = {
    ...{ state: upload(state), pool: upload(values), x: upload(X), runs: upload(runs), scales: upload(scales) },
    ...{
      weights: upload(planes.weights),
      scalesOfWeights: upload(planes.scales),
    },
    ...{ y: zeros(rows * STRIDE), z: zeros(rows * 3 * rankWidth), u: zeros(rows * 3 * rankWidth) },
    ...{ total: zeros(rows * STRIDE), h: zeros(rows * STRIDE), dy: zeros(rows * STRIDE), dx: zeros(rows * INPUT) },
    ...{ grads: zeros(POOL_ELEMENTS), first: zeros(POOL_ELEMENTS), second: zeros(POOL_ELEMENTS) },
  };
  const stage = async <P extends KernelParams, B extends string>(
    kernel: Kernel<P, B>,
    params: P,
    buffers: Record<B, DeviceBuffer>,
    groups: Groups,
  ): Promise<Dispatch> => ({ binding: device.bind(await device.program(kernel, params), buffers), groups });

  const call = { rows: OUTPUT, groups: INPUT / 32, firstRow: 0, yStride: STRIDE, countWord: HEADER.rows };
  const ofLinear = { ...call, layer: 0, firstTarget: 0, targets: 1 };
  const matrix = { weights: of.weights, scales: of.scalesOfWeights, state: of.state };
  const one = { tokens: 4, rows: 8, threads: 8, splits: 1, lanes: 0 };
  const pool = 'f32';
  const dtype = 'q8';
  const adds = { branch: true, post: false, bias: false, scale: false, gather: false, beside: false };
  const { x, y, z, u, dy, dx, grads } = of;
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
  // In two parts, as a matrix that is too large for one binding.
  const tiles = OUTPUT / TILE;
  const partOf = (first: number, end: number) => ({
    ...{ firstRow: first * TILE, rows: (end - first) * TILE },
    weights: upload(
      planes.weights.slice((planes.weights.length / tiles) * first, (planes.weights.length / tiles) * end),
    ),
    scales: upload(planes.scales.slice((planes.scales.length / tiles) * first, (planes.scales.length / tiles) * end)),
  });
  const parts = [partOf(0, 5), partOf(5, tiles)];
  const stages = await linearBackwardStages(
    {
      ...{ device, step, sizes: { poolDtype: pool }, cache: { pools: [of.pool], state: of.state } },
      call: (_, encoded) => upload(encoded),
    },
    { groups: INPUT / 32, dtype, parts },
    { name: 'o', rows: OUTPUT, projections: [PROJECTION] },
    { layer: 0, x, y, yStride: STRIDE, z, dy, dx, adds: false },
    { grads, runs: of.runs, u, gains: true },
  );
  const counts = { rows, rankWidth, gradients: learns.length, gains: true };
  const backward = stages.flatMap((each) => each.dispatch(counts) ?? []);
  const { descriptor } = ADAPTERS.find(({ dora: isDora }) => isDora)!;
  const norms = zeros(OUTPUT);
  const gainCall = upload(encodeGainCall({ outputs: OUTPUT, target: 0, descriptor }));
  const gains = { call: gainCall, norms, pool: of.pool, state: of.state };
  const unfold = [
    await stage(
      unfoldGradients,
      step,
      { ...gains, places: upload(new Uint32Array([descriptor])), grads },
      unfoldGradientsGroups(OUTPUT, 1),
    ),
    await stage(unfoldGains, step, gains, gainGroups(OUTPUT)),
  ];
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
    await stage(foldGains, step, gains, gainGroups(OUTPUT)),
  ];
  const optimizer = await createOptimizer(
    device,
    [{ pool: of.pool, grads, first: of.first, second: of.second, scales: of.scales }],
    [],
    { pageElements: PAGE, mostJobs: jobs.length, mostPages: pageCount(jobs) },
  );

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
    device.submit([...backward, ...unfold, ...optimizer.step(jobs), ...fold]);
  }
  const floats = async (buffer: DeviceBuffer, count: number) =>
    new Float32Array(await device.read(buffer, 0, count * 4));
  device.submit(unfold);
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
