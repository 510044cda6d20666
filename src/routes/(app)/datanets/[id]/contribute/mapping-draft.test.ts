// A draft starts from a mapping and says it back unchanged, and is complete only when each field its kind needs is chosen.

import { expect, it, test } from 'vitest';
import type { Mapping } from '#lib/dataset/records/shapes.ts';
import { MappingDraft } from './mapping-draft.svelte.ts';

const MAPPINGS: Mapping[] = [
  { kind: 'text', text: 'body' },
  { kind: 'turns', system: null, history: 'before', prompt: ['instruction', 'input'], completion: 'output' },
  { kind: 'preference', prompt: null, chosen: 'good', rejected: 'bad' },
  { kind: 'messages', list: 'chat', role: 'from', content: 'value', system: 'rules' },
  { kind: 'fields' },
];

test.each(MAPPINGS)('a mapping of kind $kind comes back unchanged', (mapping) => {
  const draft = new MappingDraft({ mapping }, mapping);
  expect(draft.isComplete).toBe(true);
  expect(draft.reading(true).mapping).toEqual(mapping);
  expect(draft.reading(false).mapping).toBeUndefined();
});

it('leaves a recognised mapping alone until a kind is chosen, then fills in its fields', () => {
  const draft = new MappingDraft({}, { kind: 'text', text: 'body' });
  expect(draft.reading(true).mapping).toBeUndefined();
  draft.kind = 'text';
  expect(draft.reading(true).mapping).toEqual({ kind: 'text', text: 'body' });
  draft.text = '';
  expect(draft.isComplete).toBe(false);
});

it('reads names of roles, numbers and the encoding', () => {
  const draft = new MappingDraft(
    { roles: { human: 'user', bot: 'assistant' }, numbers: ['score'], delimiter: ';' },
    null,
  );
  expect(draft.names.user).toBe('human');
  draft.names.user = ' Human, , Asker ';
  draft.encoding = ' big5 ';
  expect(draft.reading(true)).toMatchObject({
    roles: { human: 'user', asker: 'user', bot: 'assistant' },
    numbers: ['score'],
    delimiter: ';',
    encoding: 'big5',
  });
});
