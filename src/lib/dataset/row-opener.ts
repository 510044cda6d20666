// Decrypts sealed rows for one member: finds the ring that a row names, or a letter with the same key, unwraps its key once and
// opens the row. Keys stay in memory only; the caller supplies rings.

import type { Hex } from '#lib/core/bytes.ts';
import { parseKeyRing, type KeyRing } from '#lib/formats/datanet/datanet-keys.ts';
import type { DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';
import { NotSealedForError, SealBrokenError } from './errors.ts';
import type { MemberKey } from './member-keys.ts';
import { importRowKey, openFile, openRow } from './sealed-rows.ts';

export interface RowOpener {
  /** @throws NotSealedForError, SealBrokenError, FormatError, and errors of reading a ring */
  open(value: JsonObject, where: string): Promise<DatanetRow>;
  /** Decrypts a file that a sealed row brings. @throws as `open` */
  openFile(value: JsonObject, bytes: Uint8Array<ArrayBuffer>, where: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The key itself, to wrap it for other members. */
  keyOf(ring: string): Promise<Uint8Array>;
}

export interface OpenerNeeds {
  datanet: string;
  member: Hex;
  memberKey: MemberKey;
  /** The block of a ring, checked against its id; null when no source has it. */
  readRing(id: string): Promise<Uint8Array | null>;
  /** Rings received later as letters. */
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
        'it is gone: these rows were withdrawn, or no peer that has it is online',
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
      // Do not cache a failure: the ring may be available next time.
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
