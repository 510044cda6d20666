// The tags of a Datanet: 32-byte words in the indexer's row, decoded to distinct texts.

import { hexToString, isHex } from 'viem';
import type { DatanetRow } from '#lib/chain/indexer/tables.ts';
import type { Hex } from '#lib/core/bytes.ts';

/** The tags of a Datanet, from its row. */
export function tagsOf({ tags }: Pick<DatanetRow, 'tags'>): string[] {
  const words = tags.split(' ');
  const texts = words.filter((word) => isHex(word) && word.length === 66).map((word) => bytesToText(word as Hex));
  return [...new Set(texts)];
}

/** A tag that is not UTF-8 text stays hexadecimal. */
function bytesToText(tag: Hex): string {
  try {
    return hexToString(tag, { size: 32 });
  } catch {
    return tag;
  }
}
