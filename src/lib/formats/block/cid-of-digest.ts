// The registry stores 32 bytes for a description, version, contribution or review: the sha256 of its dag-cbor block.

import type { CID } from 'multiformats/cid';
import { fromHex, type Hex } from '#lib/core/bytes.ts';
import { cborCidOf } from './block.ts';

/** The CID of the dag-cbor block with this sha256. */
export const cidOfDigest = (digest: Hex): CID => cborCidOf(fromHex(digest));
