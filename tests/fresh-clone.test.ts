// The command line as the first thing after `git clone`: nothing but the repository's files and the packages is there.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const clone = mkdtempSync(join(tmpdir(), 'payable-clone-'));
afterAll(() => rmSync(clone, { recursive: true }));

const SOURCES = ['cli', 'node', 'server', 'bench', 'scripts', 'src', 'package.json', 'package-lock.json', 'tsconfig.json'];

it('the command line builds and runs in a clone in which nothing was built before', () => {
  for (const path of SOURCES) cpSync(path, join(clone, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'), 'dir');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/payable.mjs', '--help'], {
    cwd: clone,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('answer a prompt');
});
