// Every family against the reference implementation's golden logits and greedy tokens, base and every adapter, on WebGPU,
// once with all the device offers and once at WebGPU's default limits.

import { describe } from 'vitest';
import { FAMILY_CASES } from '../support/fixtures.ts';
import { goldenCase } from '../support/golden.ts';
import { testGpu } from '../support/gpu.ts';

describe.each(FAMILY_CASES)('%s on WebGPU', (name) => {
  goldenCase(name, testGpu());
});

describe.each(['llama3', 'gemma3'])('%s on WebGPU at default limits', (name) => {
  goldenCase(name, testGpu(), 'default');
});
