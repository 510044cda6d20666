// Every family compared with the reference implementation's golden logits and greedy tokens, base and every adapter, on the plain
// TypeScript kernels.

import { describe } from 'vitest';
import { FAMILY_CASES } from '../support/fixtures.ts';
import { goldenCase } from '../support/golden.ts';

describe.each(FAMILY_CASES)('%s on reference kernels', (name) => {
  goldenCase(name, null);
});
