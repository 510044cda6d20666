// Splits chunks of bytes into lines of text, in batches with line numbers. Decodes UTF-8; does not interpret the lines.

import { joinBytes } from '#lib/core/bytes.ts';
import type { ByteSource } from '#lib/formats/block/car.ts';
import { inSmallPieces } from './small-pieces.ts';
import { FormatError } from '#lib/formats/errors.ts';

export interface LineBatch {
  /** Number of the first line, from 1. */
  first: number;
  lines: string[];
  /** Bytes read so far, including this batch. */
  bytes: number;
}

export interface LineOptions {
  /** Name used in errors. */
  name: string;
  /** Longest line. */
  maxLineBytes: number;
  signal?: AbortSignal | undefined;
}

const NEWLINE = 0x0a;
const BOM = '\uFEFF';

/** @throws FormatError with the number of a line that is too long or not UTF-8 */
export async function* readLines(source: ByteSource, options: LineOptions): AsyncGenerator<LineBatch, void, undefined> {
  const { name, maxLineBytes, signal } = options;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let first = 1;
  let total = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const batchOf = (bytes: Uint8Array): LineBatch => {
    const lines = decodeLines(bytes, decoder, name, first);
    if (first === 1 && lines[0]!.startsWith(BOM)) lines[0] = lines[0]!.slice(1);
    const batch = { first, lines, bytes: total };
    first += lines.length;
    return batch;
  };
  for await (const piece of inSmallPieces(source)) {
    signal?.throwIfAborted();
    total += piece.length;
    const end = piece.lastIndexOf(NEWLINE);
    if (end >= 0) {
      const whole = joinBytes([...waiting, piece.subarray(0, end)]);
      waiting = [];
      waitingBytes = 0;
      yield batchOf(whole);
    }
    const rest = piece.subarray(end + 1);
    if (rest.length > 0) {
      // A copy, as the source may reuse its buffer.
      waiting.push(rest.slice());
      waitingBytes += rest.length;
    }
    if (waitingBytes > maxLineBytes) {
      throw new FormatError(`${name} line ${first}`, `the line is longer than ${maxLineBytes} bytes`, {
        hint: 'Check that this is a file of lines, or split it.',
      });
    }
  }
  if (waitingBytes > 0) yield batchOf(joinBytes(waiting));
}

function decodeLines(bytes: Uint8Array, decoder: TextDecoder, name: string, first: number): string[] {
  try {
    return decoder.decode(bytes).split('\n');
  } catch {
    let from = 0;
    for (let line = first; ; line++) {
      const next = bytes.indexOf(NEWLINE, from);
      const end = next < 0 ? bytes.length : next;
      try {
        decoder.decode(bytes.subarray(from, end));
      } catch (cause) {
        throw new FormatError(`${name} line ${line}`, 'the text is not valid UTF-8', {
          hint: 'Save the file as UTF-8.',
          cause,
        });
      }
      from = end + 1;
    }
  }
}
