// Finds the files of a registered model from its number alone: the chain names a manifest, the manifest a folder of IPFS, the card in the
// folder the base. Card and chain must name the same adapter and the same base; the bytes themselves are compared once they are here.

import type { CID } from 'multiformats/cid';
import { readRelease, type Release } from '#lib/chain/reads/read-release.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import { joinBytes } from '#lib/core/bytes.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import { DAG_PB } from '#lib/formats/block/block.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { CARD_FILE, MAX_CARD_BYTES, parseModelCard, type CardPlaces } from '#lib/formats/model/model-card.ts';
import { parseModelManifest, type ModelManifest } from '#lib/formats/model/model-manifest.ts';
import { isAddress } from '#lib/files/parse-repo.ts';
import { createBlockReader } from '#lib/ipfs/block-reader.ts';
import { listFolder, readFile, type ReadableBlocks } from '#lib/ipfs/read-files.ts';
import { ModelNotFoundError, OtherFilesError } from '../errors.ts';
import { shortText } from './published-models.ts';

export interface RegisteredModel {
  release: Release;
  manifest: ModelManifest;
  /** `ipfs:CID` of the folder. */
  files: string;
  /** Null for a folder without a card: a whole model, or an adapter whose base is not named. */
  base: CardPlaces['base'] | null;
}

export interface FindContext {
  chain: Pick<ChainContext, 'chain' | 'read' | 'addresses'>;
  /** One block, checked by its hash. */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
}

/**
 * @throws ModelNotFoundError, OtherFilesError, FormatError, and errors of fetching
 *
 * @example
 * import { findRegisteredModel } from '#lib/registry/published/find-registered-model.ts';
 *
 * const { files, base } = await findRegisteredModel({ chain, block }, { model: 7n, version: null }, { signal });
 * show(base ? `The adapter is at ${files}, its base at ${base.place}` : `The model is at ${files}`);
 */
export async function findRegisteredModel(
  { chain, block }: FindContext,
  { model, version }: { model: bigint; version: number | null },
  { signal }: { signal: AbortSignal },
): Promise<RegisteredModel> {
  const named = `model ${model}${version === null ? '' : ` v${version}`}`;
  const release = await readRelease(chain, model, version);
  if (!release)
    throw new ModelNotFoundError(`There is no ${named} on ${chain.chain.name}.`, 'Look at the list of models.');
  const file = `The manifest of ${named}`;
  const manifest = parseModelManifest(await block(cidOfDigest(release.manifest), signal), file);
  const found = { release, manifest, files: `ipfs:${manifest.files.toV1().toString()}` };
  const blocks = createBlockReader((cid) => block(cid, signal));
  const text = manifest.files.code === DAG_PB ? await cardOf(blocks, manifest, signal) : null;
  if (text === null) return { ...found, base: null };
  const { base, adapter } = parseModelCard(text, `The card of ${named}`);
  if (`0x${adapter.id}` !== release.adapter)
    throw new OtherFilesError(`The adapter of ${named}`, release.adapter, adapter.id);
  if (`0x${base.id}` !== release.base.architecture)
    throw new OtherFilesError(`The base of ${named}`, release.base.architecture, base.id);
  // A publisher must not make others send requests to any server.
  if (isAddress(base.place)) {
    throw new ModelNotFoundError(
      `The card of ${named} places its base (${shortText(release.base.family)}) at an address, which is not requested.`,
      'Fetch the base yourself, and open the adapter on it.',
    );
  }
  return { ...found, base };
}

/** A folder lists at most so many names before the card must have come. */
const MOST_ENTRIES = 10_000;

async function cardOf(blocks: ReadableBlocks, { files }: ModelManifest, signal: AbortSignal): Promise<string | null> {
  let entries = 0;
  for await (const { name, cid } of listFolder(blocks, files, { signal })) {
    if (++entries > MOST_ENTRIES) return null;
    if (name !== CARD_FILE) continue;
    const pieces: Uint8Array[] = [];
    for await (const piece of readFile(blocks, cid, { maxBytes: MAX_CARD_BYTES, signal })) pieces.push(piece);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(joinBytes(pieces));
    } catch (cause) {
      throw new FormatError(CARD_FILE, 'the text is not valid UTF-8', { cause });
    }
  }
  return null;
}
