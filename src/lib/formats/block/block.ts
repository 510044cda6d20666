// Blocks and their content ids: CIDv1 (v0 is read), sha2-256, three codecs, bounded sizes. Checks hashes and limits; does not
// decode blocks.

import { CID } from 'multiformats/cid';
import { create as createDigest } from 'multiformats/hashes/digest';
import { sha256 } from 'multiformats/hashes/sha2';
import { FormatError, HashMismatchError, UnsupportedError } from '../errors.ts';

export type { CID };

export interface Block {
  cid: CID;
  bytes: Uint8Array;
}

export const RAW = 0x55;
export const DAG_PB = 0x70;
export const DAG_CBOR = 0x71;

const CODEC_NAMES = new Map([
  [RAW, 'raw'],
  [DAG_PB, 'dag-pb'],
  [DAG_CBOR, 'dag-cbor'],
]);

/** The identity hash: the id holds the bytes themselves. */
export const IDENTITY = 0x00;
const SHA2_256 = 0x12;
const MAX_IDENTITY_BYTES = 128;

/** Largest raw block. */
export const MAX_RAW_BYTES = 1 << 20;
/** Largest block of any codec: dag-pb nodes of other tools may hold their leaf. */
export const MAX_BLOCK_BYTES = 2 << 20;
/** A longer text is not an id; 59 characters are usual. */
const MAX_ID_CHARS = 512;

const maxBytes = (codec: number): number => (codec === RAW ? MAX_RAW_BYTES : MAX_BLOCK_BYTES);

/**
 * Returns `cid` if this product reads its kind: raw, dag-pb or dag-cbor under sha2-256, or under the identity hash with up to 128
 * bytes.
 * @throws UnsupportedError that names the codec or the hash
 */
export function supportedCid(cid: CID, file: string): CID {
  if (!CODEC_NAMES.has(cid.code)) {
    throw new UnsupportedError(
      file,
      `block ${cid.toString()} has codec 0x${cid.code.toString(16)}`,
      `Known codecs: ${[...CODEC_NAMES.values()].join(', ')}.`,
    );
  }
  const { code, size } = cid.multihash;
  const known = code === SHA2_256 ? size === 32 : code === IDENTITY && size <= MAX_IDENTITY_BYTES;
  if (known) return cid;
  throw new UnsupportedError(
    file,
    `block ${cid.toString().slice(0, 80)} is named by hash 0x${code.toString(16)} of ${size} bytes`,
    'Only sha2-256 with all its 32 bytes is trusted.',
  );
}

/** The id written in `text`, in any base. @throws FormatError when it is not an id, UnsupportedError as above. */
export function parseCid(text: string, what = 'content id'): CID {
  let cid: CID;
  try {
    if (text.length > MAX_ID_CHARS) throw new RangeError(`${text.length} letters`);
    cid = CID.parse(text);
  } catch (cause) {
    throw new FormatError(what, `"${text.slice(0, 80)}" is not a content id`, {
      hint: 'Ids look like bafkrei… or bafybei…; copy the whole of it.',
      cause,
    });
  }
  return supportedCid(cid, what);
}

/** The block of `bytes` under its CIDv1. @throws FormatError when it is larger than a block may be. */
export async function makeBlock(
  codec: typeof RAW | typeof DAG_PB | typeof DAG_CBOR,
  bytes: Uint8Array,
): Promise<Block> {
  const digest = await sha256.digest(bytes);
  const block = { cid: CID.createV1(codec, digest), bytes };
  checkSize(block, 'new block');
  return block;
}

/** CIDv1 of raw bytes whose sha256 is known already. */
export const rawCidOf = (sha256Digest: Uint8Array): CID => CID.createV1(RAW, createDigest(SHA2_256, sha256Digest));

/** CIDv1 of a dag-cbor block whose sha256 is known already. */
export const cborCidOf = (sha256Digest: Uint8Array): CID =>
  CID.createV1(DAG_CBOR, createDigest(SHA2_256, sha256Digest));

/**
 * Checks a block from `file` against its id: codec, hash function, size, and the hash itself.
 * @throws UnsupportedError, FormatError (size), HashMismatchError
 */
export async function checkBlock(block: Block, file: string): Promise<void> {
  const { cid, bytes } = block;
  supportedCid(cid, file);
  checkSize(block, file);
  const { code, digest } = cid.multihash;
  const actual = code === IDENTITY ? bytes : (await sha256.digest(bytes)).digest;
  if (actual.length !== digest.length || actual.some((byte, at) => byte !== digest[at])) {
    throw new HashMismatchError(file, cid.toString());
  }
}

function checkSize({ cid, bytes }: Block, file: string): void {
  const most = maxBytes(cid.code);
  if (bytes.length <= most) return;
  throw new FormatError(
    file,
    `block ${cid.toString()} has ${bytes.length} bytes; ${CODEC_NAMES.get(cid.code) ?? 'such'} blocks have at most ${most}`,
    { hint: 'Cut the data into blocks of 1 MiB.' },
  );
}
