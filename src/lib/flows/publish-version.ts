// Publishes a version: reads from the chain which contributions were accepted or withdrawn, assembles and packs the rows, has the
// version signed, keeps it here and at the pinners, and publishes it with the version it was assembled on as its parent. If another
// curator published first, the flow yields `behind`; rerun to rebase. History stays linear.

import type { CID } from 'multiformats/cid';
import { getAbiItem, toFunctionSelector } from 'viem';
import { datanetRegistryAbi } from '#lib/chain/abi/datanet-registry.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { readPublishedVersion } from '#lib/chain/reads/read-published-version.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { eventsDuring } from '#lib/core/events-during.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { encodeVersion, type Contributor, type DatanetVersion } from '#lib/formats/datanet/datanet-version.ts';
import { versionTypedData } from '#lib/formats/datanet/version-signature.ts';
import { NothingNewError, PublicationUnderWayError } from '#lib/datanets/errors.ts';
import { nextRows } from '#lib/datanets/contributions/next-rows.ts';
import { packVersion, type PackedVersion } from '#lib/dataset/pack-version.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { pin, unpin } from '#lib/ipfs/pins.ts';
import { Undoable } from '#lib/ipfs/undo.ts';
import { uploadToPinners, type UploadOutcome, type UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { isKnownBefore, readNextVersion, type NextVersion } from '#lib/datanets/contributions/next-version.ts';
import { boundOfFile } from '#lib/datanets/contributions/open-proven.ts';
import { readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';

export type PublishEvent =
  /** Fetching and proving the contributions that this version adds or removes. */
  | { type: 'opening'; contributions: number; ofContributions: number }
  | { type: 'assembling'; rows: number }
  /** Fetching the files that this version links. */
  | { type: 'gathering'; files: number; ofFiles: number }
  | {
      type: 'packed';
      n: number;
      manifest: CID;
      rows: number;
      bytes: number;
      /** Of blocks that were not on this device before. */
      newBytes: number;
      contributors: readonly Contributor[];
    }
  | ({ type: 'uploading' } & UploadProgress)
  /** So many pinners keep it now. */
  | { type: 'brought'; pinners: number }
  | { type: 'published'; n: number; manifest: CID }
  /** Another curator published first. Nothing was published here; a rerun builds on their version. */
  | { type: 'behind'; latest: number };

/**
 * @throws NothingNewError, PublicationUnderWayError, NoRowsError, StorageFullError, AbortedError, and as `readNextVersion`
 *
 * @example
 * import { publishVersion } from '#lib/flows/publish-version.ts';
 *
 * for await (const event of publishVersion(datanets, 3n, { signal })) {
 *   if (event.type === 'published') show(`Version ${event.n} is published`);
 *   // Another curator was faster: run it again to publish on top of that version.
 *   if (event.type === 'behind') show(`Version ${event.latest} came first`);
 * }
 */
export async function* publishVersion(
  context: DatanetContext,
  id: bigint,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<PublishEvent, void, void> {
  const { chain, ipfs, run } = context;
  if (await isUnderWay(context, id)) throw new PublicationUnderWayError(id);
  const next = yield* eventsDuring<PublishEvent, NextVersion>((push) => {
    const onProgress = (contributions: number, ofContributions: number) =>
      push({ type: 'opening', contributions, ofContributions });
    return readNextVersion(context, id, { signal, onProgress });
  });
  const { facts } = next;
  if (next.taken.length === 0 && next.takenBack.length === 0) throw new NothingNewError();
  const store = new Undoable(ipfs.node);
  let signed: Block | null = null;
  let isOurs = false;
  try {
    const packed = yield* pack(context, next, store, signal);
    signed = packed.block;
    const { cid } = signed;
    const { version, contributors, attachments } = packed;
    const { rows, bytes } = version.stats;
    // Rows that were withdrawn may be missing from the parent already.
    if (next.taken.length === 0 && version.rowRoot === next.parent?.version.rowRoot) throw new NothingNewError();
    yield { type: 'packed', n: version.n, manifest: cid, rows, bytes, newBytes: packed.newBytes, contributors };
    for (const [files, { cid: file, bytes: most }] of attachments.entries()) {
      yield { type: 'gathering', files, ofFiles: attachments.length };
      await ipfs.fetch(file, { maxBytes: boundOfFile(most), signal });
    }
    const name = `version ${version.n} of ${facts.name}`;
    await pin(ipfs.node, cid, { name, signal });
    const { at } = yield* eventsDuring<PublishEvent, UploadOutcome>((push) => {
      const onProgress = (progress: UploadProgress) => push({ type: 'uploading', ...progress });
      return uploadToPinners(context, cid, name, { isKnown: isKnownBefore(next), onProgress, signal });
    });
    yield { type: 'brought', pinners: at.length };
    if ((await latestOf(context, id)) === facts.versions) {
      const manifest = toHex(cid.multihash.digest);
      const plan = await publishDatanet(chain, {
        ...{ datanet: id, manifest, rowsRoot: version.rowRoot, sharesRoot: sharesRoot(contributors) },
        ...{ rows, parent: facts.versions },
      });
      // From here on it may end up on the chain, even if this device never learns of it.
      isOurs = true;
      if ((await run(plan)) || (await isPublished(context, id, version.n, manifest))) {
        yield { type: 'published', n: version.n, manifest: cid };
        return;
      }
      isOurs = await isUnderWay(context, id);
      if (isOurs) throw new PublicationUnderWayError(id);
    }
    const latest = await latestOf(context, id);
    if (latest > facts.versions) yield { type: 'behind', latest };
  } finally {
    // A version that was overtaken or given up is not needed: the next one has its rows.
    if (!isOurs) {
      if (signed) await unpin(ipfs.node, signed.cid).catch(() => undefined);
      await store.takeBack().catch(() => undefined);
    }
    store.keep();
  }
}

/** Whether this account sent a publication of Datanet `id` that is not final yet. */
async function isUnderWay({ underWay }: DatanetContext, id: bigint): Promise<boolean> {
  const selector = toFunctionSelector(getAbiItem({ abi: datanetRegistryAbi, name: 'publish' }));
  const start = `${selector}${id.toString(16).padStart(64, '0')}`;
  return (await underWay()).some((data) => data.startsWith(start));
}

async function isPublished({ chain }: DatanetContext, id: bigint, n: number, manifest: Hex): Promise<boolean> {
  return (await readPublishedVersion(chain, id, n))?.manifest === manifest;
}

async function* pack(
  { chain, digester, nowSeconds, spill, runBytes }: DatanetContext,
  { facts, parent, input, files, merged }: NextVersion,
  store: Undoable,
  signal: AbortSignal,
): AsyncGenerator<PublishEvent, PackedVersion & { block: Block; newBytes: number }, void> {
  const signer = await chain.signer();
  const author = signer.account.address.toLowerCase() as Hex;
  const { commercial, derivative, spdx } = facts.licence;
  const readme = parent?.version.readme ? await parent.block(parent.version.readme, signal) : null;
  const terms = {
    ...{ datanet: facts.name, n: facts.versions + 1, parents: parent ? [parent.cid] : [], author, merged, files },
    licence: { spdx, commercial, derivative },
    createdAt: nowSeconds(),
    readme: readme ? new TextDecoder().decode(readme) : undefined,
  };
  let read = 0;
  const rows = nextRows(input, { signal, onProgress: (count) => (read = count) });
  const tools = { digester, spill: spill(), runBytes, signal };
  const blocks = packVersion(rows, terms, { name: `Datanet ${facts.id}`, ...tools });
  let newBytes = 0;
  const put = async ({ cid, bytes }: Block) => {
    const before = store.added;
    await store.put(cid, bytes);
    if (store.added > before) newBytes += bytes.length;
  };
  let held: Block | null = null;
  let next = await blocks.next();
  for (; !next.done; next = await blocks.next()) {
    // The last block is the manifest, which is stored only with its signature.
    if (held) await put(held);
    held = next.value;
    yield { type: 'assembling', rows: read };
  }
  const version: DatanetVersion & { author: Hex } = { ...next.value.version, author };
  const signature = await signer.signTypedData(versionTypedData(version, digester));
  const block = encodeVersion({ ...version, signature }, digester);
  await put(block);
  return { ...next.value, version: { ...version, signature }, block, newBytes };
}

const latestOf = async (context: DatanetContext, id: bigint): Promise<number> =>
  (await readDatanetFacts(context, id)).versions;
