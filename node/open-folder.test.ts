import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openNodeFolder } from './open-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'payable-gguf-'));
afterAll(() => rmSync(root, { recursive: true }));
const has = async (path: string) => {
  const folder = openNodeFolder(path);
  return [folder.name, await folder.has('model.gguf')];
};

it('opens a GGUF file, and a directory with one as that file', async () => {
  const file = join(root, 'a model.GGUF');
  copyFileSync('tests/fixtures/formats/llama-k.gguf', file);
  expect(await has(file)).toEqual(['a model.GGUF', true]);
  expect(await has(root)).toEqual(['a model.GGUF', true]);
  copyFileSync(file, join(root, 'b.gguf'));
  expect((await has(root))[1]).toBe(false);
  rmSync(join(root, 'b.gguf'));
  writeFileSync(join(root, 'config.json'), '{}');
  expect((await has(root))[1]).toBe(false);
});

it('a path that is not there opens as a directory without files', async () => {
  expect((await has(join(root, 'nothing.gguf')))[1]).toBe(false);
});
