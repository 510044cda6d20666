import { expect, it } from 'vitest';
import { HubSettingsState } from './hub-settings.svelte.ts';

function storageOf(text: string | null) {
  const kept = { text };
  return { kept, getItem: () => kept.text, setItem: (_: string, value: string) => void (kept.text = value) };
}

it('uses the hub without a token at first, and the server that the operator named', () => {
  expect(new HubSettingsState(null, '').access).toEqual({});
  expect(new HubSettingsState(storageOf(null), 'https://mirror.example').access).toEqual({
    endpoint: 'https://mirror.example',
  });
});

it('keeps server and token without the spaces around them, and forgets them', () => {
  const storage = storageOf(null);
  const settings = new HubSettingsState(storage, 'https://mirror.example');
  settings.change({ token: ' hf_abc\n', endpoint: 'https://own.example ' });
  expect(new HubSettingsState(storage, '').access).toEqual({ endpoint: 'https://own.example', token: 'hf_abc' });
  settings.change({ token: '', endpoint: '' });
  expect(settings.access).toEqual({ endpoint: 'https://mirror.example' });
});

it.each(['{', 'null', '[]', '{"token":7,"endpoint":{}}', `{"token":"${'a'.repeat(501)}"}`])(
  'takes nothing from %s',
  (text) => expect(new HubSettingsState(storageOf(text), '').access).toEqual({}),
);
