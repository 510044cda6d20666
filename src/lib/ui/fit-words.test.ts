import { expect, it } from 'vitest';
import { fitWords, limitWords } from './fit-words.ts';

it('says in words whether a model fits', () => {
  expect(fitWords({ fits: 'yes', totalBytes: 1, memoryBytes: 2 })).toBe('fits');
  expect(fitWords({ fits: 'unknown', totalBytes: 1 })).toBe('should fit');
  expect(fitWords({ fits: 'no', reason: 'memory', totalBytes: 3, memoryBytes: 2 })).toContain('more memory');
  expect(fitWords({ fits: 'no', reason: 'buffer', buffer: 'head', bufferBytes: 3e9, maxBindingBytes: 2 ** 30 })).toBe(
    'does not run: one buffer needs 3.00 GB, the GPU allows 1.07 GB',
  );
});

it('says what the judgement rests on', () => {
  expect(limitWords({ memoryBytes: 4e9, maxBindingBytes: 2e9 })).toContain('4.00 GB, half of the memory');
  expect(limitWords({ memoryBytes: null, maxBindingBytes: 2e9 })).toContain('does not say');
});
