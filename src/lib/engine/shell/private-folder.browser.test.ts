// Folders of the private file storage are counted with their subfolders, and emptied.

import { expect, it } from 'vitest';
import { emptyPrivateFolder, privateFolderBytes } from './private-folder.ts';

it('counts what lies in a folder at any depth, and empties it', async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('counted', { create: true });
  const write = async (into: FileSystemDirectoryHandle, name: string, bytes: number) => {
    const writable = await (await into.getFileHandle(name, { create: true })).createWritable();
    await writable.write(new Uint8Array(bytes));
    await writable.close();
  };
  await write(folder, 'one', 5);
  await write(await folder.getDirectoryHandle('below', { create: true }), 'two', 7);
  expect(await privateFolderBytes('counted')).toBe(12);
  await emptyPrivateFolder('counted');
  expect(await privateFolderBytes('counted')).toBe(0);
});
