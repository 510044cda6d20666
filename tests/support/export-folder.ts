// The files of an export as a folder in memory, for what reads them back.

import type { Folder } from '#lib/core/folder.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import type { Export } from '#lib/model/exports/exported-file.ts';
import { writeExport, type ExportProgress } from '#lib/model/exports/write-export.ts';

export interface WrittenExport {
  folder: Folder;
  files: ReadonlyMap<string, Uint8Array>;
  progress: ExportProgress[];
}

/** `names` renames files, as a person would. */
export async function writtenExport(
  made: Export,
  names: Readonly<Record<string, string>> = {},
): Promise<WrittenExport> {
  const files = new Map<string, Uint8Array>();
  const sink = {
    async write(path: string, pieces: AsyncIterable<Uint8Array<ArrayBuffer>>) {
      const blob = new Blob(await Array.fromAsync(pieces));
      files.set(names[path] ?? path, new Uint8Array(await blob.arrayBuffer()));
    },
  };
  const progress = await Array.fromAsync(writeExport(made, sink));
  return { folder: createMemoryFolder('export', files), files, progress };
}
