// Folders from a picker or a drop, as lists of files below the folder that holds the model or adapter.
// It knows the browser's two ways to hand over folders; it reads no file.

import { GGUF_FILE, ggufFolderPath, ggufPartName, isGgufName } from '#lib/model/sources/gguf-file.ts';

export interface PickedFolder {
  /** A GGUF file is a model or an adapter; only its header says which. */
  kind: 'model' | 'adapter' | 'gguf' | 'unknown';
  name: string;
  files: { path: string; file: File }[];
}

/** More files than any model or adapter has. The limit stops reading when a whole disk is dropped. */
const FILE_LIMIT = 5000;

/** The folder as the engine wants it: paths start where config.json or adapter_config.json lies. */
export function rootOf(all: readonly { path: string; file: File }[]): PickedFolder | undefined {
  const first = all[0];
  if (!first) return undefined;
  const shallowest = (name: string) =>
    all
      .map(({ path }) => path)
      .filter((path) => path === name || path.endsWith(`/${name}`))
      .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))[0];
  const adapter = shallowest('adapter_config.json');
  const found = adapter ?? shallowest('config.json');
  const gguf = found === undefined ? ggufOf(all.filter(({ path }) => isGgufName(path))) : undefined;
  if (gguf) return gguf;
  if (found === undefined) return { kind: 'unknown', name: first.path.split('/')[0] ?? '', files: [...all] };
  const folder = found.split('/').slice(0, -1).join('/');
  const prefix = folder === '' ? '' : `${folder}/`;
  return {
    kind: adapter === undefined ? 'model' : 'adapter',
    name: folder.split('/').at(-1) || 'Your folder',
    files: all
      .filter(({ path }) => path.startsWith(prefix))
      .map(({ path, file }) => ({ path: path.slice(prefix.length), file })),
  };
}

/** One GGUF file, or the parts of one model. */
function ggufOf(files: readonly { path: string; file: File }[]): PickedFolder | undefined {
  const [first] = files;
  if (!first) return undefined;
  const nameOf = (path: string) => path.split('/').at(-1)!;
  if (files.length === 1)
    return { kind: 'gguf', name: nameOf(first.path), files: [{ path: GGUF_FILE, file: first.file }] };
  const parts = files.map(({ path, file }) => ({ of: ggufPartName(path), file, path }));
  const stem = parts[0]!.of?.stem;
  if (stem === undefined || parts.some(({ of }) => of?.stem !== stem)) return undefined;
  parts.sort((a, b) => a.of!.number - b.of!.number);
  return {
    kind: 'gguf',
    name: nameOf(parts[0]!.path),
    files: parts.map(({ path, file }) => ({ path: ggufFolderPath(path), file })),
  };
}

/** The folder picked with an `<input webkitdirectory>`. */
export function filesOfInput(list: FileList | null): PickedFolder | undefined {
  return rootOf([...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}

/** The folder dropped on the page. Call it in the drop event itself: the browser forgets the items after it. */
export async function filesOfDrop(items: DataTransferItemList): Promise<PickedFolder | undefined> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const all: { path: string; file: File }[] = [];
  const visit = async (entry: FileSystemEntry, path: string): Promise<void> => {
    if (all.length >= FILE_LIMIT) return;
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      all.push({ path, file });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) return;
      for (const child of batch) await visit(child, `${path}/${child.name}`);
    }
  };
  for (const entry of entries) await visit(entry, entry.name);
  return rootOf(all);
}
