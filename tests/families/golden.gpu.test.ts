// Every family against the reference implementation's golden logits and greedy tokens, base and every adapter, on WebGPU,
// with all the device offers, at WebGPU's default limits, and by the kernels that real GPUs get.

import { describe } from 'vitest';
import { FAMILY_CASES } from '../support/fixtures.ts';
import { goldenCase } from '../support/golden.ts';
import { cardLikeGpu, testGpu } from '../support/gpu.ts';

describe.each(FAMILY_CASES)('%s on WebGPU', (name) => {
  goldenCase(name, testGpu());
});

describe.each(['llama3', 'gemma3'])('%s on WebGPU at default limits', (name) => {
  goldenCase(name, testGpu(), 'default');
});

describe.each(['llama3', 'gemma3'])('%s by the kernels for cards', (name) => {
  goldenCase(name, cardLikeGpu(), 'default');
});
