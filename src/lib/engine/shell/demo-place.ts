// The files of the demo model, as `kept-files.ts` keeps them: how large they are, and how to delete them.

async function root(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle('models', { create: true });
}

export async function demoBytes(): Promise<number> {
  let bytes = 0;
  const visit = async (folder: FileSystemDirectoryHandle): Promise<void> => {
    for await (const handle of folder.values()) {
      if (handle.kind === 'directory') await visit(handle);
      else bytes += (await handle.getFile()).size;
    }
  };
  await visit(await root());
  return bytes;
}

export async function deleteDemo(): Promise<void> {
  await (await navigator.storage.getDirectory()).removeEntry('models', { recursive: true });
}
