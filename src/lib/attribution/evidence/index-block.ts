// The index of a version as a block of dag-cbor, `evidence/index@1`: its segments in the order of its shards. It may cover only the
// first rows while it is being built.

import type { CID } from 'multiformats/cid';
import { fromHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { DAG_CBOR, type Block } from '#lib/formats/block/block.ts';
import { decodeFields, fieldsOf } from '#lib/formats/block/cbor-fields.ts';
import { cborBlock } from '#lib/formats/datanet/paged-list.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { UNIT } from './evidence-words.ts';

const KIND = 'evidence/index@1';
/** Four thousand million words at the least size of a full segment. */
const MAX_SEGMENTS = 8192;

export interface EvidenceIndex {
  /** sha2-256 digest of the version; storing the index does not store the version. */
  version: Hex;
  segments: readonly CID[];
}

export const encodeIndex = ({ version, segments }: EvidenceIndex, digester: Digester): Block =>
  cborBlock({ kind: KIND, unit: UNIT, version: fromHex(version), segments: [...segments] }, digester);

export function parseIndex(bytes: Uint8Array, file: string): EvidenceIndex {
  const fields = decodeFields(bytes, ['kind', 'unit', 'version', 'segments'], file);
  if (fields.value('kind') !== KIND) throw new FormatError(file, `it is not an ${KIND}`);
  if (fields.value('unit') !== UNIT) throw fields.bad('unit', `is not ${UNIT}`);
  return {
    version: fields.hex('version', 32),
    segments: fields.list('segments', MAX_SEGMENTS, (cid, at) =>
      fieldsOf({ cid }, ['cid'], file, at).cid('cid', DAG_CBOR),
    ),
  };
}
