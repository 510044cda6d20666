// A worker that uses the store of computed beginnings in the private file storage, and says what each call gave.

import { createOpfsPrefixStore } from '#lib/engine/shell/opfs-prefix-store.ts';

export interface PrefixReport {
  listed: [name: string, bytes: number][][];
  read: (number[] | null)[];
  error: string;
}

onmessage = async ({ data: folder }: MessageEvent<string>) => {
  const report: PrefixReport = { listed: [], read: [], error: '' };
  const store = createOpfsPrefixStore(folder);
  const list = async () => void report.listed.push((await store.list()).map(({ name, bytes }) => [name, bytes]));
  const read = async (name: string) => {
    const bytes = await store.read(name);
    report.read.push(bytes && [...bytes]);
  };
  try {
    await list();
    await store.write('a', new Uint8Array([1, 2, 3]));
    await store.write('b', new Uint8Array([4]));
    await list();
    await store.touch('a');
    await list();
    await read('a');
    await store.write('a', new Uint8Array([9]));
    await read('a');
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder);
    const open = await (await root.getFileHandle('b')).createSyncAccessHandle();
    await read('b');
    await store.touch('b');
    open.close();
    await read('b');
    await store.remove('a');
    await store.remove('a');
    await store.touch('a');
    await read('a');
    await list();
  } catch (error) {
    report.error = String(error);
  }
  postMessage(report);
};
