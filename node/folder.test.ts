// A directory as a folder: ranges of its files, links inside it, and no way out of it by name.

import { mkdtempSync, symlinkSync, writeFileSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createNodeFolder } from './folder.ts';

const root = mkdtempSync(join(tmpdir(), 'payable-folder-'));
mkdirSync(join(root, 'model', 'sub'), { recursive: true });
writeFileSync(join(root, 'secret'), 'x');
writeFileSync(join(root, 'model', 'a.bin'), Uint8Array.of(1, 2, 3, 4));
writeFileSync(join(root, 'model', 'sub', 'b.bin'), Uint8Array.of(9));
symlinkSync(join(root, 'model', 'a.bin'), join(root, 'model', 'link.bin'));
afterAll(() => rmSync(root, { recursive: true }));

const folder = createNodeFolder(join(root, 'model'));

test('names, sizes and ranges', async () => {
  expect(folder.name).toBe('model');
  expect([
    await folder.has('a.bin'),
    await folder.has('sub'),
    await folder.has('no'),
    await folder.has('a.bin/x'),
  ]).toEqual([true, false, false, false]);
  expect(await folder.size('sub/b.bin')).toBe(1);
  expect([...(await folder.read('a.bin', 1, 3))]).toEqual([2, 3]);
  expect([...(await folder.read('link.bin', 0, 4))]).toEqual([1, 2, 3, 4]);
  expect([...(await folder.read('a.bin', 2, 2))]).toEqual([]);
});

test('missing and short files are errors', async () => {
  await expect(folder.size('no.bin')).rejects.toThrow('model: there is no file "no.bin".');
  await expect(folder.read('no.bin', 0, 1)).rejects.toThrow(/no file "no.bin"/);
  await expect(folder.read('a.bin', 0, 9)).rejects.toThrow(/ends at byte 4, byte 9 was wanted/);
  await expect(folder.read('a.bin', 0, 4, AbortSignal.abort())).rejects.toThrow(/abort/i);
});

test.each(['../secret', 'sub/../../secret', '/etc/passwd', '', 'a//b', './a.bin', 'C:\\x', 'a\0b'])(
  '%j is refused',
  async (path) => {
    await expect(folder.has(path)).rejects.toThrow(/not a file name inside the folder/);
    await expect(folder.read(path, 0, 1)).rejects.toThrow(/not a file name inside the folder/);
  },
);
