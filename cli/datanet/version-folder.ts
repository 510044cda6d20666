// A version of a Datanet in a folder: one file, version.car, whose root is the version.

import { join } from 'node:path';
import type { Digester } from '#lib/core/digester.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { openVersion, type OpenVersion } from '#lib/dataset/version-reader.ts';
import { requireDirectory } from '../input-files.ts';
import { openCarFile, type CarFile } from './car-file.ts';

export const CAR_NAME = 'version.car';

export interface VersionFolder {
  car: CarFile;
  open: OpenVersion;
}

/** Opens the version in `folder`, runs `work`, and closes it. */
export async function withVersion<T>(
  folder: string,
  digester: Digester,
  signal: AbortSignal,
  work: (version: VersionFolder) => Promise<T>,
): Promise<T> {
  requireDirectory(folder, 'a directory that "payable datanet pack" wrote');
  const path = join(folder, CAR_NAME);
  const car = await openCarFile(path);
  try {
    const [root, ...others] = car.roots;
    if (!root || others.length > 0) {
      throw new FormatError(path, `it has ${car.roots.length} roots, not one`, { hint: 'Pack the version again.' });
    }
    return await work({ car, open: await openVersion(root, car, digester, signal) });
  } finally {
    await car.close();
  }
}
