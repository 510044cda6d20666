// Reviewing on a page: decisions with undo, kept until they are signed, and only ever those about the contribution that is open.

import { expect, it } from 'vitest';
import type { ReviewDraft } from '#lib/db/review-drafts.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { memoryDatanet } from '#tests/support/memory-datanet.ts';
import { ReviewState } from './review-state.svelte.ts';

const row = (n: number) => ({ id: `row-${n}`, text: `Bird ${n * 7919} was seen ${n} times beyond hill ${n % 13}.` });

async function stage() {
  const datanet = await memoryDatanet();
  await datanet.publish([row(0), row(1)]);
  await datanet.contribute(0, [{ ...row(1), id: 'again' }, row(2), row(3)]);
  await datanet.contribute(1, [row(4)]);
  const drafts = new Map<string, ReviewDraft>();
  const make = () =>
    new ReviewState(async () => datanet.context as DatanetContext, {
      get: async (content) => drafts.get(content),
      put: async (draft) => void drafts.set(draft.content, structuredClone(draft)),
      remove: async (content) => void drafts.delete(content),
    });
  const [first, second] = datanet.listed();
  return { datanet, drafts, make, facts: datanet.facts(), first: first!, second: second! };
}

it('shows rows once all are compared; decisions count down and can be undone', async () => {
  const { make, facts, first } = await stage();
  const review = make();
  const opening = review.open(facts, first);
  expect([review.progress, review.rows]).toEqual([{ rows: 0, of: 3 }, []]);
  await opening;
  expect([review.progress, review.problem, review.undecided]).toEqual([null, null, 3]);
  expect(review.counts).toEqual({ new: 2, same: 1, near: 0, edit: 0, conflict: 0 });
  const { decisions } = review;
  const at = (id: string) => review.rows.find((one) => one.row.id === id)!;
  review.rejectAll('same');
  expect(decisions.rejected.get(at('again').leaf)).toEqual({ reason: 'Repeats another row.', first: 'row-1' });
  decisions.accept([at('row-2')]);
  decisions.reject([at('row-2')], 'Wrong.');
  expect([decisions.of(at('row-2').leaf), review.undecided]).toEqual(['rejected', 1]);
  decisions.undo();
  expect([decisions.of(at('row-2').leaf), review.undecided]).toEqual(['accepted', 1]);
  decisions.acceptRest();
  expect([decisions.of(at('row-3').leaf), decisions.of(at('again').leaf), review.undecided]).toEqual([
    'accepted',
    'rejected',
    0,
  ]);
  for (let steps = 3; steps > 0; steps--) {
    expect(decisions.canUndo).toBe(true);
    decisions.undo();
  }
  expect([decisions.canUndo, review.undecided, decisions.of(at('again').leaf)]).toEqual([false, 3, null]);
});

it('keeps decisions for the next time the contribution is opened', async () => {
  const { make, facts, first, drafts } = await stage();
  const before = make();
  await before.open(facts, first);
  before.decisions.reject([before.rows[0]!], 'Wrong.');
  before.decisions.accept([before.rows[1]!]);
  await expect.poll(() => drafts.get(first.content)?.accepted).toHaveLength(1);
  const after = make();
  await after.open(facts, first);
  expect(after.rows.map(({ leaf }) => after.decisions.of(leaf))).toEqual(['rejected', 'accepted', null]);
  expect(after.decisions.canUndo).toBe(false);
});

it('opening another contribution drops the first, wherever that was', async () => {
  const { make, facts, first, second } = await stage();
  const review = make();
  const older = review.open(facts, first);
  const newer = review.open(facts, second);
  await Promise.all([older, newer]);
  expect([review.contribution, review.rows.map((one) => one.row.id), review.problem]).toEqual([
    second,
    ['row-4'],
    null,
  ]);
  review.decisions.acceptRest();
  review.close();
  expect([review.rows, review.undecided, review.decisions.canUndo]).toEqual([[], 0, false]);
});

it('judges nothing before every row has a decision', async () => {
  const { make, facts, first } = await stage();
  const review = make();
  expect(await review.judge(facts)).toBe(false);
  await review.open(facts, first);
  expect([await review.judge(facts), review.isJudging, review.problem]).toEqual([false, false, null]);
});

it('says why a contribution cannot be opened', async () => {
  const { make, facts, second, datanet } = await stage();
  datanet.blocks.clear();
  const review = make();
  await review.open(facts, second);
  expect([review.rows, review.progress, review.problem !== null]).toEqual([[], null, true]);
});
