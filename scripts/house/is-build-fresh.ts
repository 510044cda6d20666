// Whether build/ was made from the current sources.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hashBuildInputs } from './build-inputs.ts';

export async function isBuildFresh(): Promise<boolean> {
  const built = await readFile('build/.inputs', 'utf8').catch(() => null);
  return built === (await hashBuildInputs(resolve('.'), process.env));
}
