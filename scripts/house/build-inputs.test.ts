// The hash of a build's inputs changes exactly when one of them does.

import { cp, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashBuildInputs } from './build-inputs.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'payable-'));
  await mkdir(join(root, 'src/lib'), { recursive: true });
  await mkdir(join(root, 'scripts/house'), { recursive: true });
  await cp('static/icons', join(root, 'static'), { recursive: true });
  for (const path of ['package.json', 'package-lock.json', 'svelte.config.js', 'tsconfig.json', 'vite.config.ts'])
    await writeFile(join(root, path), path);
  for (const path of ['scripts/build.ts', 'scripts/house/build-inputs.ts', 'src/lib/a.ts', 'src/lib/a.test.ts'])
    await writeFile(join(root, path), path);
});
afterAll(() => rm(root, { recursive: true }));

it('counts sources, their names and variables of the build, but not tests, times and other variables', async () => {
  const path = join(root, 'src/lib/a.ts');
  const seen = new Set<string>();
  const isNew = async (told: NodeJS.ProcessEnv = {}) => {
    const hash = await hashBuildInputs(root, told);
    return seen.size < seen.add(hash).size;
  };
  expect(await isNew()).toBe(true);
  await utimes(path, 1, 1);
  await writeFile(join(root, 'src/lib/a.test.ts'), 'another test');
  expect(await isNew({ HOME: '/elsewhere' })).toBe(false);
  expect(await isNew({ PUBLIC_PAYABLE_PINNERS: 'https://pinner.example' })).toBe(true);
  await writeFile(path, 'other words');
  expect(await isNew()).toBe(true);
  await rename(path, join(root, 'src/lib/b.ts'));
  expect(await isNew()).toBe(true);
  await writeFile(join(root, 'package-lock.json'), 'other packages');
  expect(await isNew()).toBe(true);
});
