// Seals the rows of a contribution that only members can read: one fresh key, wrapped for each member and for the contributor.
// Each row gets the contributor's name and is sealed. The caller stores the ring.

import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { encodeKeyRing } from '#lib/formats/datanet/datanet-keys.ts';
import type { MemberCard } from '#lib/formats/datanet/datanet-members.ts';
import { rowContributor, rowOf } from '#lib/formats/datanet/datanet-row.ts';
import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';
import { OtherContributorError } from '../errors.ts';
import { checkCard, wrapKey } from '#lib/dataset/member-keys.ts';
import { importRowKey, ROW_KEY_BYTES, sealFile, sealRow } from '#lib/dataset/sealed-rows.ts';
import type { NumberedRow } from '#lib/dataset/write-shards.ts';

export interface SealTerms {
  /** `chain:contract:id`. */
  datanet: string;
  contributor: Hex;
  /** The contributor's own public key, to open the rows later and share them with more members. */
  ownKey: Hex;
  members: readonly MemberCard[];
}

export interface SealTools {
  /** Name used in errors. */
  name: string;
  digester: Digester;
  /** Cryptographically random bytes. */
  random(size: number): Uint8Array<ArrayBuffer>;
  signal?: AbortSignal | undefined;
}

export interface RowSealer {
  /** The block of the ring, stored apart from the rows. */
  ring: Block;
  /** Seals a file that the rows bring. */
  sealFile(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  seal(batches: AsyncIterable<readonly NumberedRow[]>): AsyncGenerator<NumberedRow[], void, undefined>;
}

/** @throws BadCardError; sealing: OtherContributorError, FormatError, AbortedError */
export async function createRowSealer(terms: SealTerms, tools: SealTools): Promise<RowSealer> {
  const { datanet, contributor } = terms;
  const bytes = tools.random(ROW_KEY_BYTES);
  const ring = await wrapForAll(bytes, null, terms, tools.digester);
  const key = await importRowKey(bytes);
  bytes.fill(0);
  const id = ring.cid.toString();
  return {
    ring,
    sealFile: (file) => sealFile(file, { key, datanet, nonce: tools.random(12) }),
    async *seal(batches) {
      for await (const batch of batches) {
        tools.signal?.throwIfAborted();
        yield await Promise.all(
          batch.map(async ({ row, line }) => {
            const where = `${tools.name} line ${line}`;
            const who = rowContributor(row.value);
            if (who !== null && who !== contributor) throw new OtherContributorError(where, who, contributor);
            if (sealedBox(row.value)) return { row, line };
            const named = rowOf({ ...row.value, contributor }, where);
            return { row: await sealRow(named, { key, ring: id, datanet, nonce: tools.random(12) }, where), line };
          }),
        );
      }
    },
  };
}

/** A ring with the same key for more members; `of` is the id of the ring that the rows name. @throws BadCardError */
export async function wrapForAll(
  key: Uint8Array,
  of: string | null,
  { datanet, contributor, ownKey, members }: SealTerms,
  digester: Digester,
): Promise<Block> {
  const own: MemberCard = { address: contributor, publicKey: ownKey, signature: '0x' };
  const others = members.filter(({ address }) => address !== contributor);
  for (const card of others) await checkCard(card, datanet);
  const wraps = await Promise.all([own, ...others].map((card) => wrapKey(key, card, datanet)));
  return encodeKeyRing({ datanet, contributor, of, wraps }, digester);
}
