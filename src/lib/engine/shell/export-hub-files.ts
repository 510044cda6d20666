// Saves kept files outside the browser: into a folder that the user picks, or one after the other as downloads.

import type { FolderRef } from '#lib/core/folder.ts';

type Picker = (options: { mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;

/** Says what was done. Rejects with an AbortError when the user picks no folder. */
export async function exportHubFiles({ name, files }: Extract<FolderRef, { kind: 'files' }>): Promise<string> {
  const { showDirectoryPicker: pick } = window as unknown as { showDirectoryPicker?: Picker };
  if (!pick) {
    for (const { path, file } of files) saveAsDownload(path.split('/').at(-1)!, file);
    return `${files.length} files were handed to the browser's downloads.`;
  }
  const chosen = await pick.call(window, { mode: 'readwrite' });
  const folder = await chosen.getDirectoryHandle(name.replaceAll('/', '--'), { create: true });
  for (const { path, file } of files) {
    const parts = path.split('/');
    let place = folder;
    for (const part of parts.slice(0, -1)) place = await place.getDirectoryHandle(part, { create: true });
    const handle = await place.getFileHandle(parts.at(-1)!, { create: true });
    await file.stream().pipeTo(await handle.createWritable());
  }
  return `${files.length} files were saved to ${chosen.name}/${folder.name}.`;
}

function saveAsDownload(name: string, file: Blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser reads the file for as long as it saves it.
  setTimeout(() => URL.revokeObjectURL(link.href), 600_000);
}
