// A worker that downloads made-up files into the private file storage: once until it is stopped, then to the end.

import { PayableError } from '#lib/core/errors.ts';
import { createOpfsChunkStore } from '#lib/engine/shell/opfs-chunk-store.ts';
import { downloadFiles } from '#lib/files/download/download-files.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';

export interface DownloadTask {
  folder: string;
  contents: { file: PinnedFile; bytes: Uint8Array }[];
  chunkBytes: number;
  /** Chunks after which the first run is stopped. */
  stopAfter: number;
}

/** Starts of the chunks that each run fetched, by path. */
export interface DownloadReport {
  first: string[];
  second: string[];
  error: string;
}

async function run({ folder, contents, chunkBytes }: DownloadTask, stopAfter: number): Promise<string[]> {
  const root = await navigator.storage.getDirectory();
  const stop = new AbortController();
  const fetched: string[] = [];
  const options = {
    files: contents.map(({ file }) => file),
    store: createOpfsChunkStore(await root.getDirectoryHandle(folder, { create: true })),
    now: () => performance.now(),
    signal: stop.signal,
    chunkBytes,
    async *read({ path }: PinnedFile, start: number, end: number) {
      if (fetched.length === stopAfter) stop.abort();
      fetched.push(`${path} ${start}`);
      yield contents.find(({ file }) => file.path === path)!.bytes.subarray(start, end);
    },
  };
  for await (const _ of downloadFiles(options));
  return fetched;
}

onmessage = async ({ data }: MessageEvent<DownloadTask>) => {
  const report: DownloadReport = { first: [], second: [], error: '' };
  try {
    report.first = await run(data, data.stopAfter).catch((error: unknown) => [
      error instanceof PayableError ? error.code : String(error),
    ]);
    report.second = await run(data, Infinity);
  } catch (error) {
    report.error = String(error);
  }
  postMessage(report);
};
