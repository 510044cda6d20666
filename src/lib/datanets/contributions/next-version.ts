// Collects what a Datanet's next version is built from: the accepted and the withdrawn contributions, fetched and verified on
// this device, and their files.

import type { CID } from 'multiformats/cid';
import type { Hex } from '#lib/core/bytes.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import type { AttachedFiles, Attachment } from '#lib/formats/datanet/attachments.ts';
import type { Merged } from '#lib/formats/datanet/datanet-version.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import type { DatanetContext } from '../datanet-context.ts';
import type { DatanetFacts } from '../published/published-datanet.ts';
import type { ChainContribution } from './chain-contributions.ts';
import { readNextContributions } from './next-contributions.ts';
import type { NextRows, TakenBack, TakenContribution } from './next-rows.ts';
import { openProven } from './open-proven.ts';
import { readReview } from './read-review.ts';

export interface NextVersion {
  facts: DatanetFacts;
  parent: OpenVersion | null;
  input: NextRows;
  /** Files of the previous version and of the accepted contributions. */
  files: AttachedFiles;
  merged: readonly Merged[];
  /** Contributions to add and to remove. */
  taken: readonly ChainContribution[];
  takenBack: readonly ChainContribution[];
}

export interface NextVersionOptions {
  signal?: AbortSignal | undefined;
  /** Called before each contribution is opened, which may fetch all of its rows. */
  onProgress?: ((opened: number, ofContributions: number) => void) | undefined;
}

/** All input of the next version, fetched to this device. @throws as `readNextContributions` and `openProven` */
export async function readNextVersion(
  context: DatanetContext,
  id: bigint,
  { signal, onProgress }: NextVersionOptions = {},
): Promise<NextVersion> {
  const { facts, parent, before, all, taken, takenBack } = await readNextContributions(context, id, signal);
  const merged = new Map(before);
  for (const { content } of takenBack) merged.delete(content);
  const opened = new Map<Hex, TakenContribution>();
  const total = taken.length + takenBack.length;
  for (const one of taken) {
    onProgress?.(opened.size, total);
    const { review, ...proven } = await openTaken(context, facts, one, signal);
    opened.set(one.content, proven);
    merged.set(one.content, { contribution: one.content, review });
  }
  const back: TakenBack[] = [];
  for (const one of takenBack) {
    onProgress?.(opened.size + back.length, total);
    const { contributor } = one;
    const open = await openProven(context, facts, one, signal).catch(nullIfNobodyHasIt);
    const standing: TakenContribution[] = [];
    for (const other of all) {
      if (other.contributor !== contributor || other.state !== 'accepted') continue;
      const proving = opened.get(other.content) ?? openTaken(context, facts, other, signal);
      // With both gone, nothing shows which rows belong to which contribution.
      const proven = await (open ? Promise.resolve(proving).catch(nullIfNobodyHasIt) : proving);
      if (proven) standing.push(proven);
    }
    back.push({ contributor, open, standing });
  }
  const input = { parent, taken: [...opened.values()], takenBack: back };
  const files = filesOf([
    ...((await parent?.attachments()) ?? []),
    ...input.taken.flatMap(({ open }) => open.attachments),
  ]);
  return { facts, parent, input, files, merged: [...merged.values()], taken, takenBack };
}

/** Whether a shard or file is part of the previous version or of an accepted contribution. */
export function isKnownBefore({ parent, input, files }: NextVersion): (cid: CID) => boolean {
  const sources = [...(parent ? [parent] : []), ...input.taken.map(({ open }) => open)];
  const shards = sources.flatMap((source) => source.shards.map(({ cid }) => cid.toString()));
  const known = new Set([...shards, ...files.keys()]);
  return (cid) => known.has(cid.toString());
}

const filesOf = (attachments: readonly Attachment[]): AttachedFiles =>
  new Map(attachments.map(({ cid, bytes }) => [cid.toString(), bytes]));

/** An accepted contribution with its rejected rows, as listed by the review. */
async function openTaken(
  context: DatanetContext,
  facts: DatanetFacts,
  one: ChainContribution,
  signal?: AbortSignal,
): Promise<TakenContribution & { review: Hex | null }> {
  const review = await readReview(context, one, signal);
  const open = await openProven(context, facts, one, signal);
  const rejected = new Set(review?.rejected.map(({ leaf }) => leaf));
  return { open, rejected, review: review ? one.reason : null };
}

function nullIfNobodyHasIt(error: unknown): null {
  if (error instanceof BlockMissingError) return null;
  throw error;
}
