// The two files of an adapter in PEFT's form, as they are published. An adapter of PEFT keeps its bytes, so that its hash is the one that
// its training or its engine named; one of another tool is converted.

import { createSHA256 } from 'hash-wasm';
import { toHex } from '#lib/core/bytes.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import type { CardAdapter } from '#lib/formats/model/model-card.ts';
import { openAdapterSource, type AdapterSource, type ExportInput } from '#lib/model/exports/adapter-source.ts';
import { copiedFile, type ExportedFile } from '#lib/model/exports/exported-file.ts';
import { exportPeft } from '#lib/model/exports/peft-export.ts';

export interface AdapterFiles {
  source: AdapterSource;
  /** In the order in which they are hashed. */
  files: ExportedFile[];
  card: CardAdapter;
}

/** `baseName` is what converted files name as their base. @throws as `openAdapterSource` */
export async function adapterFiles(
  input: ExportInput,
  baseName: string | undefined,
  signal?: AbortSignal,
): Promise<AdapterFiles> {
  const source = await openAdapterSource(input, signal);
  const { folder, plan } = source;
  const files = folder.origins
    ? (await exportPeft({ ...input, baseName }, signal)).files
    : [await copiedFile(folder, ADAPTER_CONFIG), await copiedFile(folder, ADAPTER_WEIGHTS)];
  const published = [ADAPTER_CONFIG, ADAPTER_WEIGHTS].map((name) => files.find(({ path }) => path === name)!);
  const outer = await createSHA256();
  const inner = await createSHA256();
  outer.init();
  const hashed: CardAdapter['files'] = [];
  for (const { path, bytes, pieces } of published) {
    inner.init();
    for await (const piece of pieces(signal)) inner.update(piece);
    const digest = inner.digest('binary');
    outer.update(digest);
    hashed.push({ path, bytes, sha256: toHex(digest).slice(2) });
  }
  const { kind, rank, targets } = plan;
  return { source, files: published, card: { id: outer.digest('hex'), kind, rank, targets, files: hashed } };
}

const BITS: Readonly<Record<string, number>> = { F64: 64, F32: 32, F16: 16, BF16: 16 };

/** Bits of a stored weight; 0 where matrices have several types. */
export function storedBits({ modules }: AdapterSource): number {
  const types = new Set(modules.flatMap(({ a, b }) => [a.dtype, b.dtype]));
  const [only] = types;
  return types.size === 1 ? (BITS[only!] ?? 0) : 0;
}
