// Every family compared with the reference implementation's golden logits and greedy tokens, base and every adapter, on WebGPU:
// with all device features, at WebGPU's default limits, and with the kernels for real GPUs.

import { describe } from 'vitest';
import { FAMILY_CASES } from '../support/fixtures.ts';
import { goldenCases } from '../support/golden.ts';
import { cardLikeGpu, testGpu } from '../support/gpu.ts';

/** One with grouped heads and every kind of adapter, one with windows and norms behind the blocks. */
const BOTH_FORMS = ['llama3', 'gemma3'];

describe('on WebGPU', () => goldenCases(FAMILY_CASES, { gpu: testGpu() }));

describe('on WebGPU at default limits', () => goldenCases(['llama3'], { gpu: testGpu(), limits: 'default' }));

describe('with the kernels for real GPUs', () => goldenCases(BOTH_FORMS, { gpu: cardLikeGpu(), limits: 'default' }));
