import { describe, expect, it } from 'vitest';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { ACTION, RECORD, type OptimizerJob } from '#lib/webgpu/kernels/adamw/optimizer-table.ts';
import { createOptimizer } from './optimizer.ts';

const PAGE = 64;
const PAGES = 6;
const LAYERS = 2;

const JOB: OptimizerJob = {
  ...{ applies: true, pages: [], rate: 0.01, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1 },
  ...{ clip: 1.5, scale: 1 },
};

/** Three steps of torch.optim.AdamW behind clip_grad_norm_: gradients, their norm, parameters after the step. */
const TORCH_STEPS = [
  {
    gradients: [0.5, -1, 0.25, 3],
    norm: 3.2113082,
    after: [0.489500016, -1.23874998, 1.98800004, 0.0212187506],
  },
  {
    gradients: [0.125, 0.75, -2, 1e-3],
    norm: 2.1396556,
    after: [0.480122089, -1.23862672, 1.992872, 0.0144932251],
  },
  {
    gradients: [4, 0, -0.5, -1],
    norm: 4.1533117,
    after: [0.472178787, -1.23825037, 1.9969523, 0.0110564083],
  },
];

/** An optimizer over a pool of two layers: what it holds, and one step of it. */
async function start() {
  const device = createReferenceDevice();
  const floats = (count: number, value = 0) => {
    const buffer = device.createBuffer('floats', count * 4);
    device.write(buffer, 0, new Float32Array(count).fill(value));
    return buffer;
  };
  const layers = Array.from({ length: LAYERS }, () => ({
    scales: floats((PAGE * PAGES) / 32, 1),
    ...{ pool: floats(PAGE * PAGES), grads: floats(PAGE * PAGES) },
    ...{ first: floats(PAGE * PAGES), second: floats(PAGE * PAGES) },
  }));
  const optimizer = await createOptimizer(device, layers, [], { pageElements: PAGE, mostJobs: 3, mostPages: PAGES });
  return {
    layers,
    put: (buffer: (typeof layers)[0]['pool'], at: number, values: readonly number[]) =>
      device.write(buffer, at * 4, Float32Array.from(values)),
    take: async (buffer: (typeof layers)[0]['pool'], at: number, count: number) =>
      Array.from(new Float32Array(await device.read(buffer, at * 4, count * 4))),
    async record(job: number) {
      const bytes = await device.read(optimizer.records, job * RECORD.words * 4, RECORD.words * 4);
      const [u32, f32] = [new Uint32Array(bytes), new Float32Array(bytes)];
      const { action, steps, skipped, norm } = RECORD;
      return { action: u32[action]!, steps: u32[steps]!, skipped: u32[skipped]!, norm: f32[norm]! };
    },
    step: (jobs: readonly OptimizerJob[]) => device.submit(optimizer.step(jobs)),
  };
}

describe('the optimizer', () => {
  it('takes the steps of torch, with clipping and decay', async () => {
    const { layers, put, take, record, step } = await start();
    const [lower, upper] = layers as [(typeof layers)[0], (typeof layers)[0]];
    // Of the four parameters, two lie in each layer, in the second page of the adapter.
    const at = 4 * PAGE + 7;
    put(lower.pool, at, [0.5, -1.25]);
    put(upper.pool, at, [2, 0.03125]);
    const jobs = [{ ...JOB, pages: [1, 4] }];
    for (const { gradients, norm, after } of TORCH_STEPS) {
      put(lower.grads, at, gradients.slice(0, 2));
      put(upper.grads, at, gradients.slice(2));
      step(jobs);
      expect((await record(0)).norm).toBeCloseTo(norm, 6);
      const got = [...(await take(lower.pool, at, 2)), ...(await take(upper.pool, at, 2))];
      got.forEach((value, i) => expect(value).toBeCloseTo(after[i]!, 6));
      expect(await take(lower.grads, at, 2)).toEqual([0, 0]);
    }
    expect(await record(0)).toMatchObject({ action: ACTION.stepped, steps: 3, skipped: 0 });
  });

  it('steps a parameter that lies in the pool times its scale as the parameter itself', async () => {
    const { layers, put, take, step } = await start();
    const { pool, grads, scales } = layers[0]!;
    // Elements 0 and up lie there as they are; from 32 on, times four: so their gradients are a quarter.
    put(scales, 0, [1, 4]);
    put(pool, 0, [0.5]);
    put(pool, 32, [2]);
    for (const gradient of [0.3, -0.7]) {
      put(grads, 0, [gradient]);
      put(grads, 32, [gradient / 4]);
      step([{ ...JOB, pages: [0], clip: 0 }]);
    }
    const [plain] = await take(pool, 0, 1);
    const [scaled] = await take(pool, 32, 1);
    expect(scaled! / 4).toBeCloseTo(plain!, 6);
    expect(plain).not.toBeCloseTo(0.5, 3);
  });

  it('leaves alone what does not learn, in spite of a gradient and of decay', async () => {
    const { layers, put, take, step } = await start();
    const { pool, grads, scales } = layers[0]!;
    put(scales, 0, [0, 1]);
    put(pool, 0, [3]);
    put(grads, 0, [5]);
    step([{ ...JOB, pages: [0] }]);
    expect(await take(pool, 0, 1)).toEqual([3]);
    expect(await take(grads, 0, 1)).toEqual([0]);
  });

  it.each([NaN, Infinity, 1e30])(
    'skips the step of an adapter with a gradient of %d, and of no other',
    async (value) => {
      const { layers, put, take, record, step } = await start();
      const [lower, upper] = layers as [(typeof layers)[0], (typeof layers)[0]];
      put(upper.grads, 2 * PAGE, [value, 1]);
      put(lower.grads, 3 * PAGE, [1]);
      put(lower.pool, 2 * PAGE, [8]);
      step([
        { ...JOB, pages: [2] },
        { ...JOB, pages: [3] },
      ]);
      expect(await record(0)).toEqual({ action: ACTION.skipped, steps: 0, skipped: 1, norm: Infinity });
      expect(await record(1)).toEqual({ action: ACTION.stepped, steps: 1, skipped: 0, norm: 1 });
      expect(await take(lower.pool, 2 * PAGE, 1)).toEqual([8]);
      expect(await take(upper.grads, 2 * PAGE, 2)).toEqual([0, 0]);
      expect(await take(upper.first, 2 * PAGE, 2)).toEqual([0, 0]);
      expect(await take(lower.pool, 3 * PAGE, 1)).not.toEqual([0]);
    },
  );

  it('gives the mean of accumulated gradients, and keeps them while an adapter waits', async () => {
    const { layers, put, take, record, step } = await start();
    const { pool, grads } = layers[0]!;
    put(grads, 0, [3, 4]);
    put(grads, PAGE, [2]);
    const waiting = { ...JOB, pages: [1], applies: false };
    step([{ ...JOB, pages: [0], scale: 1 / 4 }, waiting]);
    expect((await record(0)).norm).toBe(5 / 4);
    expect(await take(grads, PAGE, 1)).toEqual([2]);
    expect(await take(pool, PAGE, 1)).toEqual([0]);
    expect(await record(1)).toEqual({ action: ACTION.waited, steps: 0, skipped: 0, norm: 0 });
  });

  it('refuses more jobs or pages than it has room for', async () => {
    const { step } = await start();
    const job = { ...JOB, pages: [0] };
    expect(() => step([job, job, job, job])).toThrow(RangeError);
    expect(() => step([{ ...JOB, pages: [0, 1, 2, 3, 4, 5, 0] }])).toThrow(RangeError);
  });
});
