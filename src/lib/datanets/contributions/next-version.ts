// What the next version of a Datanet is made of: the contributions that curators accepted and those that were taken back, opened and
// proven on this device, and the files that they bring.

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
  /** Files that the version before and what is taken bring. */
  files: AttachedFiles;
  merged: readonly Merged[];
  /** Contributions that are taken, and those that are taken back. */
  taken: readonly ChainContribution[];
  takenBack: readonly ChainContribution[];
}

export interface NextVersionOptions {
  signal?: AbortSignal | undefined;
  /** Called before each contribution is opened, which may fetch all of its rows. */
  onProgress?: ((opened: number, ofContributions: number) => void) | undefined;
}

/** What the next version is made of, whole on this device. @throws as `readNextContributions` and `openProven` */
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
      // Where both are gone nothing says which rows are whose.
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

/** Shards and files of the version before and of what is taken. */
export function isKnownBefore({ parent, input, files }: NextVersion): (cid: CID) => boolean {
  const sources = [...(parent ? [parent] : []), ...input.taken.map(({ open }) => open)];
  const shards = sources.flatMap((source) => source.shards.map(({ cid }) => cid.toString()));
  const known = new Set([...shards, ...files.keys()]);
  return (cid) => known.has(cid.toString());
}

const filesOf = (attachments: readonly Attachment[]): AttachedFiles =>
  new Map(attachments.map(({ cid, bytes }) => [cid.toString(), bytes]));

/** A contribution that was accepted, with which of its rows were not, and the review that says so. */
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
