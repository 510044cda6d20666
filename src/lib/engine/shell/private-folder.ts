// Top folders of this browser's private file storage: how much one holds, and how to empty it.

const open = async (name: string): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });

export async function privateFolderBytes(name: string): Promise<number> {
  const bytesIn = async (folder: FileSystemDirectoryHandle): Promise<number> => {
    let bytes = 0;
    for await (const handle of folder.values()) {
      bytes += handle.kind === 'directory' ? await bytesIn(handle) : (await handle.getFile()).size;
    }
    return bytes;
  };
  return bytesIn(await open(name));
}

/** The folder itself stays, since a worker may hold it. */
export async function emptyPrivateFolder(name: string): Promise<void> {
  const folder = await open(name);
  for (const entry of await Array.fromAsync(folder.keys())) await folder.removeEntry(entry, { recursive: true });
}
