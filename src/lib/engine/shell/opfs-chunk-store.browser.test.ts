// A download in the browser's own private file storage, stopped and resumed.

import { expect, it } from 'vitest';
import { createFileHasher, type PinnedFile } from '#lib/files/pinned-file.ts';
import type { DownloadReport, DownloadTask } from '#tests/support/opfs-download-worker.ts';

async function made(path: string, length: number): Promise<{ file: PinnedFile; bytes: Uint8Array }> {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * 31) % 251);
  const named: PinnedFile = { path, bytes: length, hash: 'sha256:' };
  const hasher = await createFileHasher(named);
  hasher.update(bytes);
  return { file: { ...named, hash: hasher.digest() }, bytes };
}

it('resumes where it was stopped, and every file has its bytes under the name of its hash', async () => {
  const folder = `download-${crypto.randomUUID()}`;
  const contents = [await made('a.bin', 100_000), await made('b.bin', 9_999), await made('empty', 0)];
  const worker = new Worker(new URL('../../../../tests/support/opfs-download-worker.ts', import.meta.url), {
    type: 'module',
  });
  const task: DownloadTask = { folder, contents, chunkBytes: 10_000, stopAfter: 4 };
  const report = await new Promise<DownloadReport>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<DownloadReport>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(task);
  });
  worker.terminate();
  expect(report.error).toBe('');
  expect(report.first).toEqual(['core/aborted']);
  expect(report.second.length).toBeGreaterThan(0);
  expect(report.second.length).toBeLessThan(11);

  const root = await navigator.storage.getDirectory();
  const directory = await root.getDirectoryHandle(folder);
  for (const { file, bytes } of contents) {
    const kept = await (await directory.getFileHandle(`${file.hash.slice('sha256:'.length)}.bin`)).getFile();
    expect(new Uint8Array(await kept.arrayBuffer())).toEqual(bytes);
  }
  const names = await Array.fromAsync(directory.keys());
  expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
  await root.removeEntry(folder, { recursive: true });
});
