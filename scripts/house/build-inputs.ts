// A hash of everything that a build depends on: sources, static files, settings, package versions and environment variables.
// Equal hashes give equal builds.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDERS = ['src', 'static'];
const FILES = [
  'package.json',
  'package-lock.json',
  'svelte.config.js',
  'tsconfig.json',
  'vite.config.ts',
  'scripts/build.ts',
  'scripts/house/build-inputs.ts',
];
/** Variables that SvelteKit compiles into the pages. */
const TOLD = /^PUBLIC_/;
/** Tests are not part of a build. */
const IS_TEST = /\.test\.ts$/;

export async function hashBuildInputs(root: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const inFolders = await Promise.all(
    FOLDERS.map(async (folder) => {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    }),
  );
  const paths = [...inFolders.flat(), ...FILES.map((file) => join(root, file))]
    .filter((path) => !IS_TEST.test(path))
    .sort();
  const hash = createHash('sha256');
  // Each with its length, so that different lists never give the same bytes.
  const add = (text: string | Uint8Array) => hash.update(`${text.length}:`).update(text);
  for (const path of paths) {
    add(path.slice(root.length).replaceAll('\\', '/'));
    add(await readFile(path));
  }
  for (const [name, value = ''] of Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!TOLD.test(name)) continue;
    add(name);
    add(value);
  }
  return hash.digest('hex').slice(0, 32);
}
