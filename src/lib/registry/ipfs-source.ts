// A content id of IPFS as a source of models and adapters: a folder, or one GGUF file. Every block is hashed before its bytes are used, wherever
// it came from.

import type { CID } from 'multiformats/cid';
import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { filesOfModel } from '#lib/formats/model/files-of-model.ts';
import { ggufVariants } from '#lib/formats/model/gguf-variants.ts';
import { InterruptedError } from '#lib/files/errors.ts';
import { inLanes } from '#lib/files/in-lanes.ts';
import { IPFS_PREFIX } from '#lib/files/parse-repo.ts';
import { patiently } from '#lib/files/patiently.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import type { Repo, RepoListing, RepoSource } from '#lib/files/repo.ts';
import type { TransferHost } from '#lib/files/transfer-host.ts';
import { createBlockReader } from '#lib/ipfs/block-reader.ts';
import type { BlockSource } from '#lib/ipfs/block-source.ts';
import { SourceFailedError, TooLargeError } from '#lib/ipfs/errors.ts';
import { takeBlock } from '#lib/ipfs/fetch-dag.ts';
import { describeEntry, listFolder, readFile, type ReadableBlocks } from '#lib/ipfs/read-files.ts';
import { NoGatewayError } from './errors.ts';

export interface IpfsSourceNeeds {
  /** Where blocks are requested, in this order. */
  sources: readonly BlockSource[];
  /** Null for a block that is not on this device. */
  here?(cid: CID): Promise<Uint8Array | null>;
  host: Pick<TransferHost, 'random' | 'wait'>;
}

const MAX_ENTRIES = 10_000;
const MAX_FILE_BYTES = 2 ** 40;
const LANES = 6;
const MAGIC = 'GGUF';
/** What a file without a name is called. */
const GGUF_NAME = 'model.gguf';
const CID_HASH = 'cid:';

export function createIpfsSource({ sources, here, host }: IpfsSourceNeeds): RepoSource {
  /** The one that had a block of a graph probably has the next one, so it is first. */
  const order = [...sources];
  const noted = (source: BlockSource): BlockSource => ({
    name: source.name,
    async block(cid, asking) {
      const bytes = await source.block(cid, asking);
      const at = order.indexOf(source);
      if (at > 0) order.unshift(...order.splice(at, 1));
      return bytes;
    },
  });
  const take = async (cid: CID, signal = new AbortController().signal): Promise<Uint8Array> => {
    const own = await here?.(cid);
    if (own) return own;
    if (order.length === 0) throw new NoGatewayError();
    try {
      return await patiently(host, signal, () =>
        takeBlock(cid, { sources: order.map(noted), signal }).catch((error: unknown) => {
          if (!(error instanceof SourceFailedError)) throw error;
          throw new InterruptedError(cid.toString(), error.message, { cause: error });
        }),
      );
    } catch (error) {
      throw error instanceof InterruptedError ? error.cause : error;
    }
  };
  const blocks = createBlockReader(take);
  return {
    list: (repo, signal) => listIpfsFiles(blocks, repo, signal),
    reader: () => (file, start, end, signal) => {
      const cid = parseCid(file.hash.slice(CID_HASH.length));
      return readFile(blocks, cid, { offset: start, length: end - start, maxBytes: end - start, signal });
    },
  };
}

async function listIpfsFiles(blocks: ReadableBlocks, repo: Repo, signal: AbortSignal): Promise<RepoListing> {
  const [text = '', ...steps] = repo.id.slice(IPFS_PREFIX.length).split('/');
  const root = parseCid(text);
  const entry = await describeEntry(blocks, root, { signal, ...(steps.length > 0 && { path: steps.join('/') }) });
  const listing = { ...repo, commit: root.toString(), isGated: false };
  if (entry.kind === 'file') {
    if (!(await isGguf(blocks, entry.cid, signal))) {
      throw new UnsupportedError(
        repo.id,
        'it is a file, and no GGUF file',
        'Name a folder with config.json, or a GGUF file.',
      );
    }
    return { ...listing, files: [pinned(GGUF_NAME, entry)] };
  }
  const ids = new Map<string, CID>();
  for await (const { name, cid } of listFolder(blocks, entry.cid, { signal })) {
    ids.set(name, cid);
    if (ids.size > MAX_ENTRIES) throw new TooLargeError(`${repo.id} has more than ${MAX_ENTRIES} entries`);
  }
  // Each size costs a request, so only what may be downloaded is looked at.
  const names = [...ids.keys()];
  const ggufs = ggufVariants(names.map((path) => ({ path, bytes: 0 }))).flatMap(({ paths }) => paths);
  const files: PinnedFile[] = [];
  await inLanes([...new Set([...(filesOfModel(names) ?? []), ...ggufs])], LANES, async (path) => {
    const found = await describeEntry(blocks, ids.get(path)!, { signal });
    if (found.kind === 'file') files.push(pinned(path, found));
  });
  return { ...listing, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

function pinned(path: string, { cid, bytes }: { cid: CID; bytes: number }): PinnedFile {
  if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > MAX_FILE_BYTES) {
    throw new FormatError(cid.toString(), 'it claims a size that no file has');
  }
  return { path, bytes, hash: `${CID_HASH}${cid.toV1().toString()}` };
}

async function isGguf(blocks: ReadableBlocks, cid: CID, signal: AbortSignal): Promise<boolean> {
  let text = '';
  for await (const piece of readFile(blocks, cid, { length: MAGIC.length, signal }))
    text += String.fromCharCode(...piece);
  return text === MAGIC;
}
