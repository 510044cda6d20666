// Runs on a disk: files are replaced, absent ones are null, and what cannot be written is an error in words.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createDiskRunFiles } from './run-files.ts';

const root = mkdtempSync(join(tmpdir(), 'payable-runs-'));
afterAll(() => rmSync(root, { recursive: true }));
const bytes = (...values: number[]) => Uint8Array.from(values);

it('keeps files by run, and removes a run as a whole', async () => {
  const runs = createDiskRunFiles(join(root, 'none yet'));
  expect(await runs.list()).toEqual([]);
  expect(await runs.read('one', 'a')).toBeNull();
  await runs.write('one', 'a', bytes(1, 2, 3));
  await runs.write('one', 'a', bytes(4));
  await runs.write('two', 'a', bytes());
  expect((await runs.list()).sort()).toEqual(['one', 'two']);
  expect([await runs.read('one', 'a'), await runs.read('two', 'a')]).toEqual([bytes(4), bytes()]);
  await runs.remove('one');
  await runs.remove('one');
  expect(await runs.list()).toEqual(['two']);
});

it('names the place that cannot be written', async () => {
  writeFileSync(join(root, 'file'), '');
  await expect(createDiskRunFiles(join(root, 'file')).write('one', 'a', bytes(1))).rejects.toMatchObject({
    ...{ code: 'node/file', message: expect.stringContaining('cannot be made') as string },
  });
});
