// Settings as they are read again in a later visit.

import { expect, it } from 'vitest';
import { SettingsState } from './settings.svelte.ts';

function memory(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  } as Storage;
}

it('the format of keys and values is kept, is used by every load, and stays when sampling goes back to its defaults', () => {
  const storage = memory();
  const settings = new SettingsState(storage);
  expect(settings.loading).toEqual({ dtype: 'f16' });
  settings.change({ cache: 'i8', contextLength: 8192 });
  settings.reset();
  const later = new SettingsState(storage);
  expect(later.loading).toEqual({ dtype: 'f16', cache: 'i8', contextLength: 8192 });
  expect(later.keptLoading).toEqual({ cache: 'i8', contextLength: 8192 });
});

it('a format that is not known is not taken from the storage', () => {
  const storage = memory();
  storage.setItem('payable:settings', '{"cache":"i2","dtype":"f99"}');
  expect(new SettingsState(storage).loading).toEqual({ dtype: 'f16' });
});
