// Combines the chosen files into one source to import: a file, or several pictures.

import { FormatError } from '#lib/formats/errors.ts';
import { detectFormat } from './detect-format.ts';
import type { ImportFile, ImportSource } from './import-file.ts';

/** @throws FormatError when no file was chosen, or several that are not all pictures */
export async function gatherImport(files: readonly ImportFile[]): Promise<ImportSource> {
  const [first, ...others] = files;
  if (!first) throw new FormatError('The choice', 'there is no file in it', { hint: 'Choose a file.' });
  if (others.length === 0) return first;
  for (const file of files) {
    if ((await detectFormat(file)) === 'image') continue;
    throw new FormatError(file.name, 'it is not a picture', { hint: 'Choose one file, or several pictures.' });
  }
  const size = files.reduce((sum, file) => sum + file.size, 0);
  return { name: `${files.length} pictures`, size, pictures: files };
}
