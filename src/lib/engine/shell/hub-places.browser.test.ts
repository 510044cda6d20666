// Places of the browser's own private file storage, with its own locks.

import { expect, it } from 'vitest';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import { deleteHubPlace, openHubPlace, openKeptHub, takeHubPlace, whenHubPlaceIsFree } from './hub-places.ts';
import { opfsFileName } from './opfs-file-name.ts';

const file: PinnedFile = { path: 'config.json', bytes: 2, hash: `git:${'a'.repeat(40)}` };
const newId = () => `owner/${crypto.randomUUID()}@${'c'.repeat(40)}`;

async function write(id: string, text: string) {
  const handle = await (await openHubPlace(id)).getFileHandle(opfsFileName(file, 'complete'), { create: true });
  const writable = await handle.createWritable();
  await writable.write(text);
  await writable.close();
}

it('belongs to one download at a time, and is free again when that ends', async () => {
  const id = newId();
  const { release } = await takeHubPlace(id);
  await expect(takeHubPlace(id)).rejects.toMatchObject({ code: 'shell/place-busy' });
  await expect(deleteHubPlace(id)).rejects.toMatchObject({ code: 'shell/place-busy' });
  let isFree = false;
  const free = whenHubPlaceIsFree(id, new AbortController().signal).then(() => (isFree = true));
  expect(isFree).toBe(false);
  release();
  await free;
  (await takeHubPlace(id)).release();
});

it('stops waiting at its signal', async () => {
  const id = newId();
  const { release } = await takeHubPlace(id);
  const stop = new AbortController();
  const waiting = whenHubPlaceIsFree(id, stop.signal);
  stop.abort();
  await waiting;
  release();
});

it('has a place under a name that any storage takes, however long an address is', async () => {
  const long = `https://models.example/${'a/ü'.repeat(600)}@${'c'.repeat(64)}`;
  await write(long, '{}');
  expect((await openKeptHub(long, 'x', [file])).files).toHaveLength(1);
  await deleteHubPlace(long);
});

it('gives its files under their paths, and says which one is missing or cut off', async () => {
  const id = newId();
  await expect(openKeptHub(id, 'owner/name', [file])).rejects.toMatchObject({
    code: 'shell/kept-gone',
    message: 'owner/name: "config.json" is no longer on this device.',
  });
  await write(id, '{');
  await expect(openKeptHub(id, 'owner/name', [file])).rejects.toMatchObject({ code: 'shell/kept-gone' });
  await write(id, '{}');
  const opened = await openKeptHub(id, 'owner/name', [file]);
  expect(opened).toMatchObject({ kind: 'files', name: 'owner/name', files: [{ path: 'config.json' }] });
  expect(await opened.files[0]!.file.text()).toBe('{}');
  // The same bytes under the name of a GGUF file are found where the engine looks for one.
  const gguf = await openKeptHub(id, 'owner/name:Q8_0', [{ ...file, path: 'q8/Tiny-Q8_0-00002-of-00002.gguf' }]);
  expect(gguf.files[0]!.path).toBe('model-part-2.gguf');
  // A sha256 that was noted when the file was stored is not computed again.
  const noted = await openKeptHub(id, 'owner/name', [{ ...file, sha256: 'f'.repeat(64) }]);
  expect(noted.files[0]!.sha256).toBe('f'.repeat(64));
  await deleteHubPlace(id);
  await expect(openKeptHub(id, 'owner/name', [file])).rejects.toMatchObject({ code: 'shell/kept-gone' });
  await deleteHubPlace(id);
  await deleteHubPlace(id);
});
