// Opens sealed rows for one member: finds the ring that a row names, or a later one that was handed over, unwraps its key once,
// opens the row. It keeps keys in memory only; rings come from wherever the caller finds blocks.

import type { Hex } from '#lib/core/bytes.ts';
import { parseKeyRing, type KeyRing } from '#lib/formats/datanet/datanet-keys.ts';
import type { DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';
import { NotSealedForError, SealBrokenError } from './errors.ts';
import type { MemberKey } from './member-keys.ts';
import { importRowKey, openFile, openRow } from './sealed-rows.ts';

export interface RowOpener {
  /** @throws NotSealedForError, SealBrokenError, FormatError, and what reading a ring throws */
  open(value: JsonObject, where: string): Promise<DatanetRow>;
  /** A file that a sealed row brings, as it was before it was sealed. @throws as `open` */
  openFile(value: JsonObject, bytes: Uint8Array<ArrayBuffer>, where: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The key itself, to be wrapped for others. */
  keyOf(ring: string): Promise<Uint8Array>;
}

export interface OpenerNeeds {
  datanet: string;
  member: Hex;
  memberKey: MemberKey;
  /** The block of a ring, checked against its id; null when nobody has it any more. */
  readRing(id: string): Promise<Uint8Array | null>;
  /** Rings that were handed over later. */
  letters?: readonly KeyRing[];
}

/**
 * @example
 * import { createRowOpener } from '#lib/dataset/row-opener.ts';
 *
 * const opener = createRowOpener({ datanet, member: account, memberKey: key, readRing });
 * const [row] = await version.rows(version.shards[0]!, signal);
 * show((await opener.open(row!.value, row!.id)).text);
 */
export function createRowOpener({ datanet, member, memberKey, readRing, letters = [] }: OpenerNeeds): RowOpener {
  const keys = new Map<string, Promise<CryptoKey>>();

  async function keyOf(ring: string): Promise<Uint8Array> {
    const wraps = letters.filter(({ of, datanet: whose }) => of === ring && whose === datanet);
    const bytes = wraps.some(({ wraps: list }) => list.some((wrap) => wrap.member === member))
      ? null
      : await readRing(ring);
    const all = bytes ? [...wraps, parseKeyRing(bytes, `Ring ${ring}`)] : wraps;
    if (all.length === 0) {
      throw new SealBrokenError(
        `Ring ${ring}`,
        'it is gone: these rows were taken back, or nobody who has it is online',
      );
    }
    const wrap = all.flatMap(({ wraps: list }) => list).find((one) => one.member === member);
    if (!wrap) throw new NotSealedForError(member);
    return memberKey.unwrap(wrap, datanet);
  }
  function importedKey(ring: string): Promise<CryptoKey> {
    let key = keys.get(ring);
    if (!key) {
      key = keyOf(ring).then(importRowKey);
      keys.set(ring, key);
      // What could not be had may be there the next time.
      key.catch(() => keys.delete(ring));
    }
    return key;
  }
  async function keyFor(value: JsonObject, where: string): Promise<CryptoKey> {
    const sealed = sealedBox(value);
    if (!sealed) throw new SealBrokenError(where, 'it is not sealed');
    return importedKey(sealed.ring);
  }
  return {
    keyOf,
    open: async (value, where) => openRow(value, await keyFor(value, where), datanet, where),
    openFile: async (value, bytes, where) => openFile(bytes, await keyFor(value, where), datanet, where),
  };
}
