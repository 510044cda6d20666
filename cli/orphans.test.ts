import { expect, it } from 'vitest';
import { FormatError } from '#lib/formats/errors.ts';
import { isPdfOrphan } from './orphans.ts';

it('ignores dropped rejections of PDF.js, and no others', () => {
  const orphan = Object.assign(new Error('End of file inside array.'), { name: 'ParserEOFException' });
  expect(isPdfOrphan(orphan)).toBe(true);
  expect([new FormatError('a.pdf', 'x'), new TypeError('x'), new Error('x'), 'x', null].map(isPdfOrphan)).toEqual(
    Array(5).fill(false),
  );
});
