// The five Datanets that come with the app: the rows that Nano's adapters were trained on, packed like any other
// Datanet, and an index of them. The same rows give the same bytes.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Block, CID } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { findLicence } from '#lib/formats/datanet/licences.ts';
import { packVersion, type PackedVersion } from '#lib/dataset/pack-version.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { createNodeDigester } from '#node/digester.ts';

const NANO = 'static/models/nano';
const LICENCE = findLicence('CC-BY-4.0')!;
/** When the rows were made: 2026-11-20. */
const CREATED_AT = 1_795_132_800;

export interface DemoDatanet {
  id: string;
  name: string;
  description: string;
  licence: string;
  manifest: string;
  rowRoot: string;
  sharesRoot: string;
  rows: number;
  contributors: { address: string; rows: number }[];
  /** The file in static/datanets. */
  car: { path: string; bytes: number; sha256: string };
}

interface NanoIndex {
  adapters: { id: string; name: string; description: string; datanet: string }[];
}

/** Files by their path below static/datanets. */
export async function buildDemoDatanets(): Promise<Map<string, Uint8Array>> {
  const { adapters } = JSON.parse(readFileSync(`${NANO}/index.json`, 'utf8')) as NanoIndex;
  const files = new Map<string, Uint8Array>();
  const index: DemoDatanet[] = [];
  for (const { id, name, description, datanet } of adapters) {
    const { packed, blocks } = await pack(`${NANO}/${datanet}`, `# ${name}\n\n${description}\n\n${ABOUT}`);
    const path = `${id}.car`;
    const bytes = await carOf(packed.cid, blocks);
    files.set(path, bytes);
    index.push({
      ...{ id, name, description, licence: LICENCE.spdx, manifest: packed.cid.toString() },
      rowRoot: packed.version.rowRoot,
      sharesRoot: sharesRoot(packed.contributors),
      rows: packed.version.stats.rows,
      contributors: packed.contributors.map(({ address, rows }) => ({ address, rows })),
      car: { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    });
  }
  files.set('index.json', new TextEncoder().encode(`${JSON.stringify({ datanets: index }, null, 1)}\n`));
  return files;
}

const ABOUT = `All rows are synthetic: no person, company, product or place in them is real, and the addresses of their
contributors belong to nobody. An adapter of the demo model was trained on them.
`;

async function pack(path: string, readme: string): Promise<{ packed: PackedVersion; blocks: Block[] }> {
  const digester = await createNodeDigester();
  const terms = { datanet: null, n: 1, parents: [], licence: LICENCE, createdAt: CREATED_AT, author: null, readme };
  const spill = { write: () => Promise.reject(new Error('a demo Datanet fits into memory')) };
  const packing = packVersion(readRows([readFileSync(path)], path), terms, { name: path, digester, spill });
  const blocks: Block[] = [];
  let next = await packing.next();
  for (; !next.done; next = await packing.next()) blocks.push(next.value);
  return { packed: next.value, blocks };
}

/** The manifest first, so that a streaming reader can verify what follows. */
async function carOf(root: CID, blocks: readonly Block[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeCar([root], [...blocks].reverse())) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
