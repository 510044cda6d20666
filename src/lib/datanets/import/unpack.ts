// Decompresses bytes while they arrive: gzip with fflate, zstd with fzstd. Bounds the output before it is allocated, and verifies
// gzip's checksum, which fflate ignores.

import { Gunzip } from 'fflate';
import { Decompress } from 'fzstd';
import type { ByteSource } from '#lib/formats/block/car.ts';
import { FileTruncatedError, FormatError } from '#lib/formats/errors.ts';
import { PayableError } from '#lib/core/errors.ts';
import { createCrc32 } from './crc-32.ts';

/** Compressed bytes per step; one step may yield a thousand times as many. */
const PIECE = 1 << 12;
/** Text compresses to a hundredth at best. A higher ratio, beyond this many free bytes, indicates a decompression bomb. */
const [MAX_RATIO, FREE_BYTES] = [500, 256 << 20];
/** Largest window of a zstd frame; the zstd command uses 8 MiB, with --ultra 128. */
const MAX_WINDOW = 128 << 20;
/** Largest block of zstd, by its specification. */
const MAX_BLOCK = 1 << 17;
const TRAILER = 8;

interface Unpacker {
  push(piece: Uint8Array, isLast: boolean): void;
}

export const unpackGzip = (bytes: ByteSource, name: string): ByteSource =>
  unpack(bytes, name, 'gzip', (out) => {
    let crc = createCrc32();
    let recent: Uint8Array = new Uint8Array(0);
    let taken = 0;
    const gunzip = new Gunzip((piece) => {
      crc.add(piece);
      out(piece);
    });
    const check = (end: number): void => {
      const at = end - (taken - recent.length) - TRAILER;
      if (at < 0 || at + TRAILER > recent.length) throw new RangeError('its end is missing');
      const view = new DataView(recent.buffer, recent.byteOffset + at, TRAILER);
      if (view.getUint32(0, true) !== crc.value() || view.getUint32(4, true) !== crc.length() % 2 ** 32) {
        throw new RangeError('its checksum is another');
      }
      crc = createCrc32();
    };
    gunzip.onmember = check;
    return {
      push(piece, isLast) {
        const before = recent.subarray(-2 * PIECE);
        recent = new Uint8Array(before.length + piece.length);
        recent.set(before);
        recent.set(piece, before.length);
        taken += piece.length;
        gunzip.push(piece, isLast);
        if (isLast) check(taken);
      },
    };
  });

export const unpackZstd = (bytes: ByteSource, name: string): ByteSource =>
  unpack(bytes, name, 'zstd', (out) => {
    const decoder: Decompress = new Decompress((piece) => {
      // Check before the decoder writes into the window that the frame claims.
      const frame = decoder['s'] as { e?: number } | number | undefined;
      if (typeof frame === 'object' && (frame.e ?? 0) > MAX_WINDOW)
        throw new RangeError(`it asks for ${frame.e} bytes of memory`);
      if (piece.length > MAX_BLOCK) throw new RangeError(`a block claims ${piece.length} bytes`);
      out(piece);
    });
    return { push: (piece, isLast) => void decoder.push(piece, isLast) };
  });

async function* unpack(
  bytes: ByteSource,
  name: string,
  kind: string,
  create: (out: (piece: Uint8Array) => void) => Unpacker,
): AsyncGenerator<Uint8Array, void, undefined> {
  let [taken, made] = [0, 0];
  let waiting: Uint8Array[] = [];
  const unpacker = create((piece) => {
    made += piece.length;
    if (made > FREE_BYTES && made > MAX_RATIO * taken) {
      throw new FormatError(name, `${taken} packed bytes become more than ${made}`, {
        hint: 'Unpack it yourself, if you trust it.',
      });
    }
    if (piece.length > 0) waiting.push(piece);
  });
  const push = (piece: Uint8Array, isLast: boolean): Uint8Array[] => {
    taken += piece.length;
    waiting = [];
    try {
      unpacker.push(piece, isLast);
    } catch (cause) {
      if (cause instanceof PayableError) throw cause;
      const what = (cause as Error).message.slice(0, 120);
      if (isLast && /EOF|missing/i.test(what)) throw new FileTruncatedError(name, `the ${kind} ends early`);
      throw new FormatError(name, `it is not valid ${kind} (${what})`, { cause });
    }
    return waiting;
  };
  // One piece is held back, to detect the last one.
  let held: Uint8Array | null = null;
  for await (const one of bytes) {
    for (let at = 0; at < one.length; at += PIECE) {
      if (held) yield* push(held, false);
      held = one.slice(at, at + PIECE);
    }
  }
  yield* push(held ?? new Uint8Array(0), true);
}
