// Every family compared with the reference implementation's golden logits and greedy tokens, base and every adapter, on WebGPU:
// with all device features, at WebGPU's default limits, and with the kernels for real GPUs.

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

describe.each(['llama3', 'gemma3'])('%s with the kernels for real GPUs', (name) => {
  goldenCase(name, cardLikeGpu(), 'default');
});
