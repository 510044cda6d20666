/// <reference lib="webworker" />
// Writes sets of packed weights into the browser's private file storage and reports what is found there.

import { openOpfsPlanes } from '#lib/engine/shell/opfs-planes.ts';

declare const self: DedicatedWorkerGlobalScope;

export interface PlanesReport {
  error: string;
  /** Bytes and manifest of a finished set. */
  finished: { bytes: number[]; manifest: string } | null;
  hasUnfinished: boolean;
  hasAbandoned: boolean;
  hasTooLarge: boolean;
  /** While a writer is open, another one for the same set. */
  hasSecondWriter: boolean;
  /** After four sets more. */
  names: string[];
}

async function run(): Promise<Omit<PlanesReport, 'error'>> {
  const store = (await openOpfsPlanes())!;
  const begin = async (name: string) => {
    const writer = (await store.create(name, 4))!;
    writer.write(Uint8Array.of(1, 2));
    writer.write(Uint8Array.of(3, 4));
    return writer;
  };
  await (await begin('first')).finish('{"of":"first"}');
  const set = await store.open('first');
  const finished = set && { bytes: [...(await set.read(1, 4))], manifest: set.manifest };
  await begin('unfinished');
  const hasUnfinished = (await store.open('unfinished')) !== null;
  const hasSecondWriter = (await store.create('unfinished', 4).catch(() => null)) !== null;
  await (await begin('abandoned')).abandon();
  const hasAbandoned = (await store.open('abandoned')) !== null;
  const hasTooLarge = (await store.create('large', 1e15)) !== null;
  for (const name of ['second', 'third', 'fourth', 'fifth']) await (await begin(name)).finish('{}');
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('planes');
  const names = (await Array.fromAsync(folder.keys())).filter((name) => name.endsWith('.json'));
  return { finished, hasUnfinished, hasAbandoned, hasTooLarge, hasSecondWriter, names: names.sort() };
}

const nothing = { finished: null, hasUnfinished: false, hasAbandoned: false, hasTooLarge: false };
run().then(
  (report) => self.postMessage({ error: '', ...report }),
  (error: unknown) => self.postMessage({ error: String(error), ...nothing, hasSecondWriter: false, names: [] }),
);
