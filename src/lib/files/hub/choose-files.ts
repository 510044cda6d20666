// Which files of a listing are fetched.

import { FileMissingError, UnsupportedError } from '#lib/formats/errors.ts';
import { filesOfModel } from '#lib/formats/model/files-of-model.ts';
import type { PinnedFile } from '../pinned-file.ts';
import type { HubListing } from './list-hub-files.ts';

/** The files with these paths, or those of its model or adapter. @throws UnsupportedError, FileMissingError */
export function chooseFiles({ id, files }: HubListing, named?: readonly string[]): PinnedFile[] {
  const paths = named ?? filesOfModel(files.map(({ path }) => path));
  if (paths === null) {
    throw new UnsupportedError(
      id,
      'it holds no weights as safetensors or as pytorch_model.bin',
      'Choose another repository, or name the files to fetch, such as one GGUF file.',
    );
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  return [...new Set(paths)].map((path) => {
    const file = byPath.get(path);
    if (!file)
      throw new FileMissingError(id, path, 'Check its spelling in the list of files on the page of the model.');
    return file;
  });
}
