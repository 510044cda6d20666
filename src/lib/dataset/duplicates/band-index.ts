// An index of text signatures by band (locality-sensitive hashing): only texts that share a band are compared. Flat memory: 6 MB,
// and 112 bytes per text.

import { BANDS, bandHash, minHash, shortOf, SIGNATURE, similarity } from './min-hash.ts';

export interface BandIndex {
  /** Returns the first text at least `threshold` similar, or null; then stores this text under `number`. */
  add(text: string, number: number, threshold: number): { of: number; similarity: number } | null;
  /** Texts stored. */
  readonly count: number;
}

/** Texts per block of memory. The index grows by adding blocks, so it never copies old ones. */
const BLOCK = 1 << 14;
const BUCKETS = 1 << 17;
/** Texts compared per bucket. A larger bucket holds texts that share only a common phrase. */
const MAX_COMPARED = 64;

interface Block {
  signatures: Uint8Array;
  numbers: Uint32Array;
  /** For each text and band, the previous text in the same bucket (place plus one). */
  before: Uint32Array;
}

export function createBandIndex(): BandIndex {
  const blocks: Block[] = [];
  /** For each band, the latest text in each bucket (place plus one). */
  const heads = new Uint32Array(BANDS * BUCKETS);
  let count = 0;

  const signatureAt = (at: number): Uint8Array => {
    const from = (at % BLOCK) * SIGNATURE;
    return blocks[Math.floor(at / BLOCK)]!.signatures.subarray(from, from + SIGNATURE);
  };
  const bucketOf = (signature: Uint16Array, band: number): number =>
    band * BUCKETS + (bandHash(signature, band) & (BUCKETS - 1));
  const firstAlike = (signature: Uint16Array, threshold: number): { of: number; similarity: number } | null => {
    const short = shortOf(signature);
    let best: { of: number; similarity: number } | null = null;
    for (let band = 0; band < BANDS; band++) {
      let place = heads[bucketOf(signature, band)]!;
      for (let compared = 0; place !== 0 && compared < MAX_COMPARED; compared++) {
        const at = place - 1;
        const { numbers, before } = blocks[Math.floor(at / BLOCK)]!;
        const alike = similarity(short, signatureAt(at));
        const of = numbers[at % BLOCK]!;
        if (alike >= threshold && (best === null || of < best.of)) best = { of, similarity: alike };
        place = before[(at % BLOCK) * BANDS + band]!;
      }
    }
    return best;
  };
  const remember = (signature: Uint16Array, number: number): void => {
    const [at, within] = [count++, (count - 1) % BLOCK];
    if (within === 0) {
      blocks.push({
        signatures: new Uint8Array(BLOCK * SIGNATURE),
        numbers: new Uint32Array(BLOCK),
        before: new Uint32Array(BLOCK * BANDS),
      });
    }
    const { signatures, numbers, before } = blocks.at(-1)!;
    signatures.set(shortOf(signature), within * SIGNATURE);
    numbers[within] = number;
    for (let band = 0; band < BANDS; band++) {
      const bucket = bucketOf(signature, band);
      before[within * BANDS + band] = heads[bucket]!;
      heads[bucket] = at + 1;
    }
  };
  return {
    add(text, number, threshold) {
      const signature = minHash(text);
      if (!signature) return null;
      const found = firstAlike(signature, threshold);
      if (!found) remember(signature, number);
      return found;
    },
    get count() {
      return count;
    },
  };
}
