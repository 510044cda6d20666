// Writes the files of an export one after the other and says how far it is. Where they go is the sink's affair.

import { eventsDuring } from '#lib/core/events-during.ts';
import type { Export } from './exported-file.ts';

export interface ExportSink {
  /** Takes all pieces before it resolves. A file that fails must not stay. */
  write(path: string, pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<unknown>;
}

export interface ExportProgress {
  type: 'progress';
  path: string;
  doneBytes: number;
  totalBytes: number;
}

/** A slow reader misses progress; the writing does not wait for it. @throws AbortError, and errors of the sink and of the source */
export async function* writeExport(
  { files }: Export,
  sink: ExportSink,
  signal?: AbortSignal,
): AsyncGenerator<ExportProgress, void, void> {
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let doneBytes = 0;
  yield* eventsDuring(async (push: (event: ExportProgress) => void) => {
    for (const { path, pieces } of files) {
      await sink.write(
        path,
        counted(pieces(signal), signal, (bytes) => {
          doneBytes += bytes;
          push({ type: 'progress', path, doneBytes, totalBytes });
        }),
      );
    }
  });
}

async function* counted(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    yield piece;
    onBytes(piece.length);
  }
}
