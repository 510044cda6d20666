// What a reference to a folder opens in a browser: folders, and single GGUF files under one name.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder } from '#scripts/house/static-server.ts';
import { openBrowserFolder } from './browser-folder.ts';

let served: Awaited<ReturnType<typeof serveFolder>>;
beforeAll(async () => {
  served = await serveFolder('tests/fixtures/formats');
});
afterAll(() => served.close());

it('an address of a GGUF file is a folder with that file', async () => {
  const folder = openBrowserFolder({ kind: 'url', url: `${served.url}llama%2Dk.gguf` });
  expect([folder.name, await folder.has('model.gguf'), await folder.has('config.json')]).toEqual([
    'llama-k.gguf',
    true,
    false,
  ]);
  expect(new TextDecoder().decode(await folder.read('model.gguf', 0, 4))).toBe('GGUF');
});

it('any other address is a folder', async () => {
  const folder = openBrowserFolder({ kind: 'url', url: served.url.replace(/\/$/, '') });
  expect(await folder.size('llama-k.gguf')).toBeGreaterThan(1000);
});

it('a path of a disk is refused', () => {
  expect(() => openBrowserFolder({ kind: 'directory', path: '/x' })).toThrow('"/x"');
});
