import { expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { expectClose, expectSame, runKernel } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { DESCRIPTOR } from '../../step-state.ts';
import { encodeGainCall, gainGroups, type GainCall } from './gain-call.ts';
import { foldGains } from './fold-gains.ts';
import { unfoldGains } from './unfold-gains.ts';
import { unfoldGradients, unfoldGradientsGroups } from './unfold-gradients.ts';

const random = createRng(53);
// B has more rows than a page.
const call: GainCall = { outputs: 131, target: 5, descriptor: 0 };
const { state, pool, params } = stepCase({ rows: 1, longest: 131, ranks: [6], dora: true });
const norms = Float32Array.from({ length: call.outputs }, () => 0.5 + random.uniform());
const grads = Float32Array.from(pool, () => random.normal());
const floats = pool as Float32Array<ArrayBuffer>;
const base = { params, groups: gainGroups(call.outputs) };
const words = encodeGainCall(call);

it('takes gains out of the pool', () =>
  expectSame({
    ...{ ...base, kernel: unfoldGains, tolerance: 2e-6 },
    buffers: { call: words, norms, pool: floats, state },
    compare: { pool: 'floats' },
  }));

it('takes gains out of gradients, also of one that lies elsewhere', () => {
  // A second descriptor, whose vectors lie one pool further.
  const elsewhere = 2048;
  const moved = state.slice();
  const descriptor = state.subarray(params.adaptersAt, params.adaptersAt + elsewhere);
  const list = DESCRIPTOR.vectors(params.targets, 2);
  moved.set(
    descriptor.map((word, i) => (i < list ? word : word + pool.length)),
    params.adaptersAt + elsewhere,
  );
  return expectSame({
    ...{ kernel: unfoldGradients, params, groups: unfoldGradientsGroups(call.outputs, 2), tolerance: 2e-6 },
    buffers: {
      ...{ call: words, norms, pool: floats, places: new Uint32Array([call.descriptor, elsewhere]) },
      grads: Float32Array.from([...grads, ...grads], (value, i) => value + (i % 7)),
      state: moved,
    },
    compare: { grads: 'floats' },
  });
});

it('puts gains back with new norms', () =>
  expectSame({
    ...{ ...base, kernel: foldGains, tolerance: 2e-6 },
    buffers: { call: words, norms, pool: floats, state },
    compare: { pool: 'floats' },
  }));

it('gets the pool back where the norms stay', async () => {
  const device = createReferenceDevice();
  const unfolded = await runKernel(device, {
    ...{ ...base, kernel: unfoldGains },
    buffers: { call: words, norms, pool: floats, state },
    compare: { pool: 'floats' },
  });
  const between = new Float32Array(unfolded.pool!);
  expect(between).not.toEqual(floats);
  const folded = await runKernel(device, {
    ...{ ...base, kernel: foldGains },
    buffers: { call: words, norms, pool: between, state },
    compare: { pool: 'floats' },
  });
  expectClose(new Float32Array(folded.pool!), floats, 1e-6, 'pool');
});
