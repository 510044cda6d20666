// A verifier of versions and contributions written from docs/formats/datanet.md alone: it imports nothing of ours, so that it and our reader
// cannot be wrong in the same way.

import { createHash } from 'node:crypto';
import { decode, encode } from '@ipld/dag-cbor';
import { exporter } from 'ipfs-unixfs-exporter';
import { CID } from 'multiformats/cid';
import { hashTypedData, keccak256, recoverAddress, toHex, type Hex, type TypedDataDefinition } from 'viem';

type Bytes = Uint8Array;
type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Row = Record<string, Json>;
type Entry = Record<string, unknown>;

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};
const sha256 = (bytes: Bytes): Bytes => new Uint8Array(createHash('sha256').update(bytes).digest());
const keccak = (...parts: Bytes[]): Bytes => keccak256(Buffer.concat(parts), 'bytes');
const isEqual = (a: Bytes, b: Bytes): boolean => Buffer.compare(a, b) === 0;
const hex = (bytes: unknown): Hex => toHex(bytes as Bytes);
const digestOf = (cid: unknown): Bytes => (cid as CID).multihash.digest;

/** §1: the blocks of a CAR, each under its hash, and its root. */
export function readCar(car: Bytes): { root: CID; blocks: Map<string, Bytes> } {
  let at = 0;
  const section = (): Bytes => {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = car[at++]!;
      length += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    return car.subarray(at, (at += length));
  };
  const { roots } = decode<{ roots: CID[] }>(section());
  must(roots.length === 1, 'a CAR has one root');
  const blocks = new Map<string, Bytes>();
  while (at < car.length) {
    const [cid, bytes] = CID.decodeFirst(section());
    must(isEqual(sha256(bytes), digestOf(cid)), `block ${cid.toString()} does not have its hash`);
    blocks.set(cid.toString(), bytes);
  }
  return { root: roots[0]!, blocks };
}

/** §2 */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(value[name]!)}`).join(',')}}`;
}

function idOf(row: Row, leaf: Bytes): string {
  const { id } = row;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : hex(leaf.subarray(0, 16)).slice(2);
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const endsRun = (count: number, hash: Bytes): boolean =>
  count === 1024 || (count >= 32 && (hash[hash.length - 1]! & 31) === 0);

/** §4 */
function rowTree(leaves: Bytes[]): Bytes {
  let level = leaves;
  while (level.length > 1) {
    const above: Bytes[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [a, b] = [level[at]!, level[at + 1]];
      above.push(b ? keccak(...[a, b].sort((x, y) => Buffer.compare(x, y))) : a);
    }
    level = above;
  }
  return level[0]!;
}

const uint = (value: bigint, size: number): Bytes => Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');

function holderTree(leaves: Bytes[]): Bytes {
  let level = leaves.map((leaf) => keccak(Uint8Array.of(4), leaf));
  const empty = new Uint8Array(32);
  while (level.length & (level.length - 1)) level.push(empty);
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, at) => {
      const [left, right] = [level[2 * at]!, level[2 * at + 1]!];
      return left === empty ? empty : keccak(Uint8Array.of(2), left, right);
    });
  }
  return level[0]!;
}

export function sharesRoot(contributors: { address: Bytes; rows: number; root: Bytes }[]): Hex {
  const empty = { hash: new Uint8Array(32), sum: 0n };
  let level = contributors.map(({ address, rows, root }) => ({
    hash: keccak(Uint8Array.of(0), keccak(Uint8Array.of(7), address, root), uint(BigInt(rows), 16)),
    sum: BigInt(rows),
  }));
  if (level.length === 0) return hex(empty.hash);
  while (level.length & (level.length - 1)) level.push(empty);
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, at) => {
      const [left, right] = [level[2 * at]!, level[2 * at + 1]!];
      if (left === empty && right === empty) return empty;
      const hash = keccak(Uint8Array.of(1), left.hash, uint(left.sum, 16), right.hash, uint(right.sum, 16));
      return { hash, sum: left.sum + right.sum };
    });
  }
  return hex(level[0]!.hash);
}

/** §5: all entries of a list, in order and cut where they should be. */
function listOf(
  value: unknown,
  inline: number,
  keyOf: (entry: Entry) => string,
  cutHash: (entry: Entry) => Bytes,
  block: (cid: CID) => Bytes,
): Entry[] {
  let entries: Entry[];
  if (Array.isArray(value)) {
    entries = value as Entry[];
    must(entries.length <= inline, 'a list is too long to be inline');
  } else {
    entries = [];
    const { pages } = value as { pages: { cid: CID; count: number }[] };
    pages.forEach(({ cid, count }, index) => {
      const page = decode<{ entries: Entry[] }>(block(cid)).entries;
      must(page.length === count, 'a page has another count');
      page.forEach((entry, at) => {
        const isLast = at === count - 1;
        const ends = endsRun(at + 1, cutHash(entry));
        must(isLast ? ends || index === pages.length - 1 : !ends, 'a page is cut elsewhere');
      });
      entries.push(...page);
    });
    must(entries.length > inline, 'a list is too short for pages');
  }
  const keys = entries.map(keyOf);
  must(
    keys.every((key, at) => at === 0 || keys[at - 1]! < key),
    'a list is not in order',
  );
  return entries;
}

/** §8 */
function columnsOf(rows: Row[]): unknown[] {
  interface Column {
    rows: number;
    kinds: Record<string, number>;
    texts: number[];
    numbers: number[];
  }
  const columns = new Map<string, Column>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const kinds = { string: 0, number: 0, boolean: 0, null: 0, array: 0, object: 0 };
      const column: Column = columns.get(name) ?? { rows: 0, kinds, texts: [], numbers: [] };
      columns.set(name, column);
      column.rows++;
      const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
      column.kinds[kind]!++;
      if (typeof value === 'string') column.texts.push(value.length);
      if (typeof value === 'number') column.numbers.push(value === 0 ? 0 : value);
    }
  }
  const names = [...columns.keys()];
  if (names.length > 1024 || names.some((name) => name.length > 256)) return [];
  return names
    .sort((a, b) => columns.get(b)!.rows - columns.get(a)!.rows || (a < b ? -1 : 1))
    .slice(0, 64)
    .sort()
    .map((name) => {
      const { rows: count, kinds, texts, numbers } = columns.get(name)!;
      const total = texts.reduce((sum, length) => sum + length, 0);
      const length = texts.length === 0 ? null : { min: Math.min(...texts), max: Math.max(...texts), total };
      const range = numbers.length === 0 ? null : { min: Math.min(...numbers), max: Math.max(...numbers) };
      return { name, rows: count, kinds, length, range };
    });
}

const TYPES = {
  'datanet/version@1': {
    DatanetVersion: [
      ...[
        ['datanet', 'string'],
        ['version', 'uint32'],
        ['rows', 'uint64'],
        ['rowRoot', 'bytes32'],
      ],
      ...[
        ['licence', 'string'],
        ['manifest', 'bytes32'],
        ['author', 'address'],
      ],
    ].map(([name, type]) => ({ name: name!, type: type! })),
  },
  'datanet/contribution@1': {
    DatanetContribution: [
      ...[
        ['datanet', 'string'],
        ['contributor', 'address'],
        ['rows', 'uint32'],
        ['rowRoot', 'bytes32'],
      ],
      ...[
        ['licence', 'string'],
        ['content', 'bytes32'],
      ],
    ].map(([name, type]) => ({ name: name!, type: type! })),
  },
} as const;

/** §11: who signed, or null. */
async function signerOf(manifest: Entry): Promise<Hex | null> {
  const signature = manifest['signature'] as Bytes | null;
  if (signature === null) return null;
  const s = BigInt(hex(signature.subarray(32, 64)));
  must(s <= 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n, 'a signature has the upper s');
  must(signature[64] === 27 || signature[64] === 28, 'a signature has no v of 27 or 28');
  const content = hex(sha256(encode({ ...manifest, signature: null })));
  const { datanet, stats, licence } = manifest as { datanet: string | null; stats: Entry; licence: { spdx: string } };
  const [chainId, verifyingContract] = datanet?.split(':') ?? [];
  const kind = manifest['kind'] as keyof typeof TYPES;
  const [primaryType] = Object.keys(TYPES[kind]);
  const common = {
    datanet: datanet ?? '',
    rows: stats['rows'],
    rowRoot: hex(manifest['rowRoot']),
    licence: licence.spdx,
  };
  const message =
    kind === 'datanet/version@1'
      ? { ...common, version: manifest['n'], manifest: content, author: hex(manifest['author']) }
      : { ...common, contributor: hex(manifest['contributor']), content };
  const chain = datanet === null ? {} : { chainId: BigInt(chainId!), verifyingContract: verifyingContract as Hex };
  const typed: TypedDataDefinition = {
    domain: { name: 'Payable Datanet', version: '1', ...chain },
    types: TYPES[kind],
    primaryType: primaryType ?? '',
    message,
  };
  const signer = await recoverAddress({ hash: hashTypedData(typed), signature: hex(signature) });
  return signer.toLowerCase() as Hex;
}

export interface Verified {
  rows: string[];
  ids: string[];
  leaves: Hex[];
  shards: number;
  rowRoot: Hex;
  sharesRoot: Hex | null;
  signer: Hex | null;
}

/** §12. @throws Error for the first rule that is broken */
export async function verify(root: CID, blocks: Map<string, Bytes>): Promise<Verified> {
  const block = (cid: CID): Bytes => {
    const bytes = blocks.get(cid.toString());
    must(bytes !== undefined, `block ${cid.toString()} is missing`);
    return bytes!;
  };
  const manifest = decode<Entry>(block(root));
  must(isEqual(encode(manifest), block(root)), 'the manifest is not in its one form');
  const list = (name: string, inline: number, key: string, cut: (entry: Entry) => Bytes) => {
    const keyOf = (entry: Entry) => (entry[key] instanceof Uint8Array ? hex(entry[key]) : String(entry[key]));
    return manifest[name] === undefined ? [] : listOf(manifest[name], inline, keyOf, cut, block);
  };
  const shards = list('shards', 2000, 'firstKey', ({ cid }) => digestOf(cid));
  const ids: string[] = [];
  const texts: string[] = [];
  const rows: Row[] = [];
  const leaves: Bytes[] = [];
  const roots: Bytes[] = [];
  let endedBy: { last: Bytes; count: number; bytes: number } | null = null;
  for (const shard of shards) {
    const bytes = block(shard['cid'] as CID);
    const lines = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).split('\n');
    must(
      lines.pop() === '' && lines.length === shard['rows'] && bytes.length === shard['bytes'],
      'a shard is not as listed',
    );
    const own: Bytes[] = [];
    for (const [at, line] of lines.entries()) {
      const row = JSON.parse(line) as Row;
      must(canonical(row) === line, 'a row is not in its canonical form');
      const source = new TextEncoder().encode(line);
      const leaf = sha256(source);
      const id = idOf(row, leaf);
      must(ids.length === 0 || ids[ids.length - 1]! < id, 'rows are not in order');
      if (at === 0) {
        must(shard['firstKey'] === id, 'a shard begins with another row');
        const isCut =
          endedBy === null || endsRun(endedBy.count, endedBy.last) || endedBy.bytes + source.length + 1 > 1_048_576;
        must(isCut, 'a shard ends too early');
      }
      must(at === lines.length - 1 || !endsRun(at + 1, leaf), 'a shard ends too late');
      own.push(leaf);
      ids.push(id);
      texts.push(line);
      rows.push(row);
    }
    must(isEqual(rowTree(own), shard['rowRoot'] as Bytes), 'a shard has another root');
    endedBy = { last: own[own.length - 1]!, count: own.length, bytes: bytes.length };
    roots.push(shard['rowRoot'] as Bytes);
    leaves.push(...own);
  }
  must(isEqual(rowTree(roots), manifest['rowRoot'] as Bytes), 'the rows have another root');
  const stats = manifest['stats'] as Entry;
  const sum = (name: string) => shards.reduce((total, shard) => total + Number(shard[name]), 0);
  must(stats['rows'] === sum('rows') && stats['bytes'] === sum('bytes'), 'the sums are others');

  const files = list('attachments', 1024, 'cid', ({ cid }) => digestOf(cid));
  const named = new Set<string>();
  for (const { attachments } of rows)
    for (const one of Array.isArray(attachments) ? attachments : [])
      if (typeof one === 'object' && one !== null && !Array.isArray(one)) named.add(textOf(one['cid']));
  for (const { cid, bytes } of files) {
    must(named.has(String(cid)), 'a file is named by no row');
    const entry = await exporter(cid as CID, {
      async *get(wanted: CID) {
        yield block(wanted);
      },
    });
    must(entry.type === 'file' || entry.type === 'raw', 'a file is none of UnixFS');
    let size = 0;
    if (entry.type === 'file' || entry.type === 'raw') for await (const piece of entry.content()) size += piece.length;
    must(size === bytes, 'a file has another size');
  }

  const signer = await signerOf(manifest);
  const found = {
    ids,
    rows: texts,
    leaves: leaves.map(hex),
    shards: shards.length,
    rowRoot: hex(manifest['rowRoot']),
    signer,
  };
  if (manifest['kind'] === 'datanet/contribution@1') {
    const who = hex(manifest['contributor']);
    must(signer === who, 'a contribution is not signed by its contributor');
    must(
      rows.every(({ contributor }) => textOf(contributor).toLowerCase() === who),
      'a row is in another name',
    );
    return { ...found, sharesRoot: null };
  }
  must(manifest['kind'] === 'datanet/version@1', 'it is of another kind');
  must(signer === null || signer === hex(manifest['author']), 'a version is not signed by its author');
  const contributors = list('contributors', 1024, 'address', (entry) => entry['root'] as Bytes);
  for (const { address, rows: count, root: own } of contributors) {
    const theirs = leaves.filter((_, at) => textOf(rows[at]!['contributor']).toLowerCase() === hex(address));
    must(theirs.length === count && isEqual(holderTree(theirs), own as Bytes), 'a contributor has other rows');
  }
  const attributed = rows.filter(({ contributor }) => typeof contributor === 'string').length;
  must(contributors.reduce((total, one) => total + Number(one['rows']), 0) === attributed, 'a contributor is left out');
  list('merged', 1024, 'contribution', (entry) => entry['contribution'] as Bytes);
  must(isEqual(encode(columnsOf(rows)), encode(stats['columns'])), 'the columns are others');
  JSON.parse(new TextDecoder().decode(block(manifest['schema'] as CID)));
  if (manifest['readme'] !== null) block(manifest['readme'] as CID);
  return { ...found, sharesRoot: sharesRoot(contributors as { address: Bytes; rows: number; root: Bytes }[]) };
}
