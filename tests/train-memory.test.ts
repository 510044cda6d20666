// The memory that training takes is counted from its own allocations, so a buffer that grows is seen here.

import { expect, it } from 'vitest';
import { S135 } from '#bench/random-model.ts';
import { measureTrainMemory } from '#bench/train-memory.ts';

it('computing layers again and the head in chunks saves 70 % of what keeping everything takes', async () => {
  const memory = await measureTrainMemory(S135, 'q4', 8, 1024);
  // 1,024 rows of 49,152 logits.
  expect(memory.plain.logits).toBe(1024 * 49_152 * 4);
  expect(memory.logits).toBeLessThanOrEqual(16 << 20);
  expect(memory.saved).toBeGreaterThanOrEqual(0.7);
  const { weights, adapters, activations, logits, other, total } = memory;
  expect(total).toBe(weights + adapters + activations + logits + other);
});
