// Packed weights in this browser's private file storage, written from a worker. A set is a file of planes and a manifest that is
// written after it; what a killed tab leaves has no manifest, is not used, and is written over.

import type { PlaneStore } from '../planes/plane-store.ts';

/** Sets kept: the newest. */
const MOST_SETS = 3;
/** A set may take this share of what the browser still allows. */
const SHARE = 1 / 4;

/** Null where there is no private file storage. */
export async function openOpfsPlanes(): Promise<PlaneStore | null> {
  const folder = await navigator.storage
    .getDirectory()
    .then((root) => root.getDirectoryHandle('planes', { create: true }))
    .catch(() => null);
  if (!folder) return null;
  const fileOf = (name: string) =>
    folder.getFileHandle(name).then(
      (handle) => handle.getFile(),
      () => null,
    );
  const drop = (name: string) => folder.removeEntry(name).catch(() => undefined);
  const remove = async (name: string) => {
    await drop(`${name}.json`);
    await drop(`${name}.bin`);
  };
  const open = async (name: string) => {
    const [manifest, planes] = [await fileOf(`${name}.json`), await fileOf(`${name}.bin`)];
    if (!manifest || !planes) return null;
    return {
      manifest: await manifest.text(),
      bytes: planes.size,
      read: async (start: number, end: number) => new Uint8Array(await planes.slice(start, end).arrayBuffer()),
    };
  };
  /** Removes the oldest sets, and files that belong to none. */
  const makeRoom = async (name: string) => {
    const sets: { name: string; made: number }[] = [];
    for (const file of await Array.fromAsync(folder.keys())) {
      const of = file.replace(/\.(?:bin|json)$/, '');
      if (of === name || sets.some((set) => set.name === of)) continue;
      sets.push({ name: of, made: (await fileOf(`${of}.json`))?.lastModified ?? 0 });
    }
    sets.sort((a, b) => b.made - a.made);
    for (const [i, set] of sets.entries()) if (set.made === 0 || i >= MOST_SETS - 1) await remove(set.name);
  };

  return {
    open,
    remove,
    async create(name, bytes) {
      await remove(name);
      await makeRoom(name);
      const { quota = 0, usage = 0 } = await navigator.storage.estimate();
      if (bytes > (quota - usage) * SHARE) return null;
      const handle = await folder.getFileHandle(`${name}.bin`, { create: true });
      // Refused while another tab writes it.
      const access = await handle.createSyncAccessHandle().catch(() => null);
      if (!access) return null;
      access.truncate(0);
      let at = 0;
      return {
        write(piece) {
          for (let done = 0; done < piece.length;) done += access.write(piece.subarray(done), { at: at + done });
          at += piece.length;
        },
        async finish(manifest) {
          access.flush();
          access.close();
          const file = await folder.getFileHandle(`${name}.json`, { create: true });
          const journal = await file.createSyncAccessHandle();
          journal.truncate(0);
          journal.write(new TextEncoder().encode(manifest));
          journal.flush();
          journal.close();
        },
        async abandon() {
          access.close();
          await remove(name);
        },
      };
    },
  };
}
