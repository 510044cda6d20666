// Detects type and size of a picture from the headers of PNG, JPEG, GIF and WebP. Does not decode pixels.

import { FormatError } from '../errors.ts';

export interface ImageInfo {
  mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  width: number;
  height: number;
}

const MAX_SIDE = 65_535;

/** @throws FormatError when it is none of the four, or truncated within its header */
export function readImageInfo(bytes: Uint8Array, name: string): ImageInfo {
  const info = readHead(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (info && info.width > 0 && info.height > 0 && info.width <= MAX_SIDE && info.height <= MAX_SIDE) return info;
  throw new FormatError(name, 'it is not a valid PNG, JPEG, GIF or WebP', {
    hint: 'Save the picture again as one of these.',
  });
}

function readHead(view: DataView): ImageInfo | null {
  try {
    const start = view.getUint32(0);
    if (start === 0x89504e47 && view.getUint32(12) === 0x49484452) {
      return { mediaType: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
    }
    if (start === 0x47494638) {
      return { mediaType: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
    }
    if (start === 0x52494646 && view.getUint32(8) === 0x57454250) return readWebp(view);
    if (start >>> 8 === 0xffd8ff) return readJpeg(view);
  } catch {
    // Truncated within its header.
  }
  return null;
}

function readWebp(view: DataView): ImageInfo | null {
  const mediaType = 'image/webp';
  const kind = view.getUint32(12);
  // "VP8X": sizes minus one in 24 bits each.
  if (kind === 0x56503858) {
    const [low, high] = [view.getUint32(24, true) & 0xffffff, (view.getUint32(26, true) >>> 8) & 0xffffff];
    return { mediaType, width: low + 1, height: high + 1 };
  }
  // "VP8L": two times 14 bits after the signature.
  if (kind === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return { mediaType, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind !== 0x56503820) return null;
  return { mediaType, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** Walks the segments to the frame header. */
function readJpeg(view: DataView): ImageInfo | null {
  for (let at = 2; at + 9 < view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { mediaType: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    at += 2 + length;
  }
  return null;
}
