// Which files of a listing are fetched.

import { FileMissingError, UnsupportedError } from '#lib/formats/errors.ts';
import { filesOfModel } from '#lib/formats/model/files-of-model.ts';
import { findGgufVariant, ggufVariants, type GgufVariant } from '#lib/formats/model/gguf-variants.ts';
import type { PinnedFile } from './pinned-file.ts';
import type { RepoListing } from './repo.ts';

export interface ChosenFiles {
  files: PinnedFile[];
  /** The GGUF files to choose from; empty where the weights are in another form. */
  variants: GgufVariant[];
  /** Which of them was chosen. */
  variant: string | null;
}

/** The files with these paths, or those of its model or adapter. @throws UnsupportedError, FileMissingError */
export function chooseFiles(listing: RepoListing, named?: readonly string[]): ChosenFiles {
  const { id, files, variant: wanted } = listing;
  const byPath = new Map(files.map((file) => [file.path, file]));
  const pick = (paths: readonly string[]) =>
    [...new Set(paths)].map((path) => {
      const file = byPath.get(path);
      if (file) return file;
      throw new FileMissingError(id, path, 'Check its spelling in the list of files on the page of the model.');
    });
  if (named) return { files: pick(named), variants: [], variant: null };
  const paths = wanted === undefined ? filesOfModel(files.map(({ path }) => path)) : null;
  if (paths) return { files: pick(paths), variants: [], variant: null };

  const variants = ggufVariants(files);
  const chosen = findGgufVariant(variants, wanted);
  // A name that means one file needs no variant.
  if (chosen && wanted === undefined && files.length === 1) return { files, variants: [], variant: null };
  if (chosen) return { files: pick(chosen.paths), variants, variant: chosen.name };
  if (variants.length === 0) {
    throw new UnsupportedError(
      id,
      'it holds no weights as safetensors, pytorch_model.bin or a GGUF file that can be read',
      'Choose another model, or name the files to fetch.',
    );
  }
  throw new UnsupportedError(
    id,
    `it has no GGUF file "${wanted}"`,
    `It has ${variants.map(({ name }) => name).join(', ')}.`,
  );
}
