// Versions of Datanets in memory: packed from plain values, read back from a map of blocks.

import { joinBytes } from '#lib/core/bytes.ts';
import { createDigester } from '#lib/core/digester.ts';
import type { Block, CID } from '#lib/formats/block/block.ts';
import type { BlockSource } from '#lib/dataset/read-blocks.ts';
import { openVersion, type OpenVersion } from '#lib/dataset/version-reader.ts';
import { packVersion, type PackedVersion, type PackTerms } from '#lib/dataset/pack-version.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import type { SpillStore } from '#lib/dataset/sort-rows.ts';

export const digester = await createDigester();

export const TERMS: PackTerms = {
  datanet: null,
  n: 1,
  parents: [],
  licence: { spdx: 'CC-BY-4.0', commercial: true, derivative: true },
  createdAt: 1_700_000_000,
  author: null,
};

export interface MemorySource extends BlockSource {
  blocks: Map<string, Uint8Array>;
  read: number;
}

export function memorySource(name = 'memory'): MemorySource {
  const blocks = new Map<string, Uint8Array>();
  return {
    name,
    blocks,
    read: 0,
    async get(cid: CID) {
      this.read++;
      return blocks.get(cid.toString()) ?? null;
    },
  };
}

/** Keeps runs in memory, and returns them in pieces of an odd size. */
export function memorySpill(): SpillStore & { runs: number } {
  return {
    runs: 0,
    async write(pieces) {
      this.runs++;
      const bytes = joinBytes([...pieces]);
      return {
        async *read() {
          for (let at = 0; at < bytes.length; at += 9973) yield bytes.subarray(at, at + 9973);
        },
      };
    },
  };
}

export interface Packed extends Omit<PackedVersion, 'shards'> {
  shards: OpenVersion['shards'];
  source: MemorySource;
  open: OpenVersion;
}

export async function packText(
  text: string,
  terms: Partial<PackTerms> = {},
  { runBytes, spill = memorySpill() }: { runBytes?: number; spill?: SpillStore } = {},
): Promise<Packed> {
  const source = memorySource();
  const blocks = packVersion(
    readRows([new TextEncoder().encode(text)], 'rows.jsonl'),
    { ...TERMS, ...terms },
    { name: 'rows.jsonl', digester, spill, runBytes },
  );
  const keep = ({ cid, bytes }: Block): void => void source.blocks.set(cid.toString(), bytes);
  let next = await blocks.next();
  for (; !next.done; next = await blocks.next()) keep(next.value);
  const open = await openVersion(next.value.cid, source, digester);
  return { ...next.value, shards: open.shards, source, open };
}

export const packRows = (
  rows: readonly object[],
  terms?: Partial<PackTerms>,
  options?: { runBytes?: number; spill?: SpillStore },
): Promise<Packed> => packText(rows.map((row) => `${JSON.stringify(row)}\n`).join(''), terms, options);

/** Plain rows, generated from their number. */
export const someRows = (count: number, from = 0): { id: string; text: string; contributor: string; n: number }[] =>
  Array.from({ length: count }, (_, at) => {
    const n = from + at;
    return {
      text: `Row ${n} says that ${(n * 7919) % 100_003} follows ${n % 97}.`,
      id: `row-${String(n).padStart(6, '0')}`,
      contributor: `0x${String(n % 10).repeat(40)}`,
      n,
    };
  });

export async function allRows({ shards, rows }: OpenVersion): Promise<string[]> {
  const texts: string[] = [];
  for (const shard of shards) texts.push(...(await rows(shard)).map(({ text }) => text));
  return texts;
}
