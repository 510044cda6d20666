// Stop strings over text in any pieces: same answer, and never a part of a stop string in it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStopMatcher } from './stop-matcher.ts';

const run = (stops: string[], pieces: string[]) => {
  const matcher = createStopMatcher(stops);
  let shown = '';
  for (const piece of pieces) {
    const { text, stopped } = matcher.push(piece);
    shown += text;
    if (stopped) return { shown, stopped };
  }
  return { shown: shown + matcher.end(), stopped: false };
};

const letters = (maxLength: number, minLength = 0) =>
  fc.string({ unit: fc.constantFrom('a', 'b', '\n', '👩'), minLength, maxLength });

test('the answer ends before the first stop string, for any pieces', () => {
  fc.assert(
    fc.property(fc.array(letters(4, 1), { maxLength: 4 }), fc.array(letters(5), { maxLength: 10 }), (stops, pieces) => {
      const whole = pieces.join('');
      const got = run(stops, pieces);
      expect(got).toEqual(run(stops, [whole]));
      expect(got).toEqual(run(stops, Array.from(whole)));
      expect(whole.startsWith(got.shown)).toBe(true);
      expect(stops.some((stop) => got.shown.includes(stop))).toBe(false);
      expect(got.stopped).toBe(stops.some((stop) => whole.includes(stop)));
      if (!got.stopped) expect(got.shown).toBe(whole);
    }),
    { numRuns: 500 },
  );
});

test('text that cannot begin a stop string is shown at once', () => {
  const matcher = createStopMatcher(['\n\nUser:']);
  expect(matcher.push('Hello')).toEqual({ text: 'Hello', stopped: false });
  expect(matcher.push(' there\n')).toEqual({ text: ' there', stopped: false });
  expect(matcher.push('again')).toEqual({ text: '\nagain', stopped: false });
  expect(matcher.push('\n\nUs')).toEqual({ text: '', stopped: false });
  expect(matcher.push('er: hi')).toEqual({ text: '', stopped: true });
});

test('empty, endless and too many stop strings are refused', () => {
  expect(() => createStopMatcher([''])).toThrow(/0 characters/);
  expect(() => createStopMatcher(['a'.repeat(2000)])).toThrow(/2000 characters/);
  expect(() => createStopMatcher(Array<string>(65).fill('a'))).toThrow(/65 stop strings/);
});
