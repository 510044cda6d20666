import { expect, it } from 'vitest';
import { expectSame, runKernel, testDevice } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { FROM_SLOT, HEADER, ROW, SLOT } from '../../step-state.ts';
import { RESULT } from '../sample/sample-result.ts';
import { acceptDrafts, acceptDraftsGroups } from './accept-drafts.ts';

/** A sequence's proposed tokens with the position of each, and what the model samples from each of its rows. */
interface Sequence {
  drafts: { token: number; position: number }[];
  sampled: number[];
}

const drafts = (from: number, ...tokens: number[]) => tokens.map((token, i) => ({ token, position: from + i }));

function build(sequences: readonly Sequence[]) {
  const rows = sequences.reduce((sum, sequence) => sum + sequence.sampled.length, 0);
  const step = stepCase({ rows, longest: 32, outputs: Array.from({ length: rows }, (_, i) => i) });
  step.state[HEADER.drafts] = 1;
  const results = new Uint32Array(rows * RESULT.words);
  let row = 0;
  sequences.forEach((sequence, slot) => {
    sequence.sampled.forEach((token, i) => {
      const at = step.params.rowsAt + row * ROW.words;
      const draft = i > 0 ? sequence.drafts[i - 1]! : { token: FROM_SLOT, position: FROM_SLOT };
      step.state.set([draft.token, draft.position, slot], at);
      results[row++ * RESULT.words + RESULT.token] = token;
    });
  });
  const buffers = { results, state: step.state };
  return { kernel: acceptDrafts, params: step.params, groups: acceptDraftsGroups(rows), buffers };
}

// The slots of a step case begin at the positions 5, 8, 11, 14, 17, 20.
const cases: Sequence[] = [
  { drafts: drafts(6, 40, 41, 42), sampled: [40, 41, 42, 43] },
  { drafts: drafts(9, 50, 51), sampled: [50, 99, 52] },
  { drafts: drafts(12, 60, 61), sampled: [7, 61, 62] },
  { drafts: [], sampled: [70] },
  // Proposed for a position that the sequence did not reach.
  { drafts: drafts(19, 80, 81), sampled: [80, 81, 82] },
  { drafts: drafts(21, ...Array.from({ length: 40 }, (_, i) => i)), sampled: Array.from({ length: 41 }, (_, i) => i) },
];

it.each([1, 2, 6])('keeps the run of right proposals of each of %i sequences', async (count) => {
  await expectSame({ ...build(cases.slice(0, count)), compare: { state: 'words' } });
});

it('leaves in a slot the token after the run and its position', async () => {
  const built = build(cases);
  const { state } = await runKernel(await testDevice('default'), { ...built, compare: { state: 'words' } });
  const words = new Uint32Array(state!);
  const slots = cases.map((_, slot) => {
    const at = built.params.slotsAt + slot * SLOT.words;
    return [words[at + SLOT.token], words[at + SLOT.position]];
  });
  expect(slots).toEqual([
    [43, 9],
    [99, 10],
    [7, 12],
    [70, 15],
    [80, 18],
    [40, 61],
  ]);
});
