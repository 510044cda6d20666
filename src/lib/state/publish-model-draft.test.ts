// The choices of a publication: what is typed becomes the input of a plan, and unfinished ones are there after a reload.

import { expect, it } from 'vitest';
import { PublishModelDraft } from './publish-model-draft.svelte.ts';

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}
const account = '0x00000000000000000000000000000000000000A1';

it('typed choices become the input of a plan', () => {
  const draft = new PublishModelDraft(null);
  Object.assign(draft.choices, { name: ' Presses ', parent: '7@2', perCall: '0.25', dev: '50', contributors: '30' });
  draft.choices.data = [
    { datanet: '3', version: 2, rows: '' },
    { datanet: '4', version: 1, rows: ' 12 ' },
  ];
  expect(draft.inputFor(account)).toMatchObject({
    ...{ name: 'Presses', account, parent: { model: 7n, version: 2 } },
    data: [
      { datanet: 3n, version: 2, rows: null },
      { datanet: 4n, version: 1, rows: 12 },
    ],
    as: {
      terms: { payout: account, devBps: 5000, dataBps: 3000, nodeBps: 2000 },
      perCallWei: 250_000_000_000_000_000n,
    },
  });
  draft.choices.model = '5';
  expect(draft.inputFor(account).as).toEqual({ model: 5n });
});

it.each(['x', '0', '-1', '1.5', '1e3'])('“%s” is not a number of rows', (rows) => {
  const draft = new PublishModelDraft(null);
  draft.choices.data = [{ datanet: '3', version: 2, rows }];
  expect(() => draft.inputFor(account)).toThrow(/not a whole number/);
});

it('an unfinished publication is there after a reload, until it is published', () => {
  const storage = memory();
  const before = new PublishModelDraft(storage);
  expect(before.isUnfinished).toBe(false);
  before.choices.name = 'Presses';
  before.keep();
  const after = new PublishModelDraft(storage);
  expect([after.isUnfinished, after.choices.name]).toEqual([true, 'Presses']);
  after.forget();
  expect(new PublishModelDraft(storage).isUnfinished).toBe(false);
});

it.each(['{', 'null', '[]', '{"name":"x"}'])('choices kept as %s are not taken', (text) => {
  const storage = { ...memory(), getItem: () => text };
  expect(new PublishModelDraft(storage).isUnfinished).toBe(false);
});
