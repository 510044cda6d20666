// The story of a new version: what curators accepted and what was taken back is read from the chain; rows are assembled, packed,
// signed, kept here and at the pinners, and published on top of the version they were assembled on. If another curator published
// first, the flow yields `behind`; rerun to rebase. History stays one line.

import type { CID } from 'multiformats/cid';
import { getAbiItem, toFunctionSelector } from 'viem';
import { datanetRegistryAbi } from '#lib/chain/abi/datanet-registry.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { readPublishedVersion } from '#lib/chain/reads/read-published-version.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { encodeVersion, type Contributor, type DatanetVersion } from '#lib/formats/datanet/datanet-version.ts';
import { versionTypedData } from '#lib/formats/datanet/version-signature.ts';
import { NothingNewError, PublicationUnderWayError } from '#lib/datanets/errors.ts';
import { nextRows } from '#lib/datanets/contributions/next-rows.ts';
import { packVersion, type PackedVersion } from '#lib/dataset/pack-version.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { pin, unpin } from '#lib/ipfs/pins.ts';
import { Undoable } from '#lib/ipfs/undo.ts';
import { bringToPinners } from '#lib/datanets/pinners/bring-to-pinners.ts';
import { RUN_BYTES, type DatanetContext } from '#lib/datanets/datanet-context.ts';
import { isKnownBefore, readNextVersion, type NextVersion } from '#lib/datanets/contributions/next-version.ts';
import { boundOfFile } from '#lib/datanets/contributions/open-proven.ts';
import { readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';

export type PublishEvent =
  | { type: 'assembling'; rows: number }
  /** Files of the version before come here, to be kept with this one. */
  | { type: 'gathering'; files: number; ofFiles: number }
  | {
      type: 'packed';
      n: number;
      manifest: CID;
      rows: number;
      bytes: number;
      /** Of blocks that were not here before. */
      newBytes: number;
      contributors: readonly Contributor[];
    }
  /** Others keep it: at so many pinners. */
  | { type: 'brought'; pinners: number }
  | { type: 'published'; n: number; manifest: CID }
  /** Somebody published first: nothing was published here, and the story can be told again upon theirs. */
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
  const next = await readNextVersion(context, id, signal);
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
    // What was taken back may be gone since an earlier version.
    if (next.taken.length === 0 && version.rowRoot === next.parent?.version.rowRoot) throw new NothingNewError();
    yield { type: 'packed', n: version.n, manifest: cid, rows, bytes, newBytes: packed.newBytes, contributors };
    for (const [files, { cid: file, bytes: most }] of attachments.entries()) {
      yield { type: 'gathering', files, ofFiles: attachments.length };
      await ipfs.fetch(file, { maxBytes: boundOfFile(most), signal });
    }
    const name = `version ${version.n} of ${facts.name}`;
    await pin(ipfs.node, cid, { name, signal });
    const brought = await bringToPinners(context, cid, name, { isKnown: isKnownBefore(next), signal });
    yield { type: 'brought', pinners: brought.at.length };
    if ((await latestOf(context, id)) === facts.versions) {
      const manifest = toHex(cid.multihash.digest);
      const plan = await publishDatanet(chain, {
        ...{ datanet: id, manifest, rowsRoot: version.rowRoot, sharesRoot: sharesRoot(contributors) },
        ...{ rows, parent: facts.versions },
      });
      // From here on the chain may come to hold it, whatever is heard of that.
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
    // Nobody will ask for a version that was overtaken or given up; its rows are in the next one.
    if (!isOurs) {
      if (signed) await unpin(ipfs.node, signed.cid).catch(() => undefined);
      await store.takeBack().catch(() => undefined);
    }
    store.keep();
  }
}

/** Whether this account's publication of a version of Datanet `id` was handed on and has not ended. */
async function isUnderWay({ underWay }: DatanetContext, id: bigint): Promise<boolean> {
  const selector = toFunctionSelector(getAbiItem({ abi: datanetRegistryAbi, name: 'publish' }));
  const start = `${selector}${id.toString(16).padStart(64, '0')}`;
  return (await underWay()).some((data) => data.startsWith(start));
}

async function isPublished({ chain }: DatanetContext, id: bigint, n: number, manifest: Hex): Promise<boolean> {
  return (await readPublishedVersion(chain, id, n))?.manifest === manifest;
}

async function* pack(
  { chain, digester, nowSeconds, spill }: DatanetContext,
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
  const tools = { digester, spill: spill(), runBytes: RUN_BYTES, signal };
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
    // The last one is the manifest, which is signed first.
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
