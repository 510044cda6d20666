import { describe, expect, it } from 'vitest';
import { B1, B8, createRandomModel, NANO, S135 } from '#bench/random-model.ts';
import { modelPath, openFixture } from '#tests/support/fixtures.ts';
import { readArchitecture } from '../config.ts';
import { decoderSizes } from './decoder-sizes.ts';
import { adaptableBase } from '../adaptable-base.ts';
import { layOutPages } from '../lora.ts';

const maxBindingBytes = 2 ** 31;

describe.each([NANO, S135, B1, B8])('for a model of the shape $name', (shape) => {
  it.each(['f32', 'f16'] as const)(
    'the pool takes an adapter of rank 64 for all matrices by default (%s)',
    async (dtype) => {
      const architecture = await readArchitecture(createRandomModel(shape));
      const sizes = decoderSizes(architecture, { kvDtype: dtype, poolDtype: dtype, maxBindingBytes });
      expect(sizes.pages).toBeGreaterThanOrEqual(layOutPages(() => 64, adaptableBase(architecture), sizes, true).pages);
      // Not at the price of the model's own size.
      const pool = sizes.pages * sizes.pageBytes * shape.layers;
      const weights = 12 * shape.hidden ** 2 * shape.layers;
      expect(pool).toBeLessThan(Math.max(100e6, weights / 4));
    },
  );
});

it('a context beyond the positions that a model learned is refused', async () => {
  const architecture = await readArchitecture(openFixture(modelPath('gpt2')));
  const sizes = (contextLength: number) =>
    decoderSizes(architecture, { kvDtype: 'f32', poolDtype: 'f32', maxBindingBytes, contextLength });
  expect(sizes(256).contextLength).toBe(256);
  expect(() => sizes(257)).toThrow('more than the 256 positions that this model learned');
});

it('a pool of another size is as large as it was asked for, and no larger than a binding may be', async () => {
  const architecture = await readArchitecture(createRandomModel(B8));
  const bytesOf = (budget: { adapterPoolBytes?: number; maxBindingBytes: number }) => {
    const { pages, pageBytes } = decoderSizes(architecture, { kvDtype: 'f16', poolDtype: 'f16', ...budget });
    return pages * pageBytes;
  };
  expect(bytesOf({ adapterPoolBytes: 64 << 20, maxBindingBytes })).toBe(2 << 20);
  expect(bytesOf({ adapterPoolBytes: 512 << 20, maxBindingBytes })).toBe(16 << 20);
  expect(bytesOf({ maxBindingBytes: 4 << 20 })).toBe(4 << 20);
});

it('keys and values that come of latent vectors are not kept in bytes, and all others are', async () => {
  for (const name of ['deepseek_v3', 'llama3']) {
    const architecture = await readArchitecture(openFixture(modelPath(name)));
    const sizes = () => decoderSizes(architecture, { kvDtype: 'i8', poolDtype: 'f32', maxBindingBytes });
    if (name === 'llama3') expect(sizes().kvDtype).toBe('i8');
    else expect(sizes).toThrow('not kept in i8');
  }
});
