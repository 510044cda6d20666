// Opens a contribution that the chain lists: fetches its blocks, proves its rows and its signature, and compares it with the chain's
// record and the Datanet's licence.

import { ContributionUnfitError } from '../errors.ts';
import { openContribution, verifyContribution, type OpenContribution } from './contribution-reader.ts';
import type { Contribution } from '#lib/formats/datanet/contribution.ts';
import type { ChainContribution } from './chain-contributions.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import type { DatanetContext } from '../datanet-context.ts';
import { ipfsBlockSource } from '../ipfs-block-source.ts';
import type { DatanetFacts } from '../published/published-datanet.ts';

type Reading = Pick<DatanetContext, 'ipfs' | 'digester'>;
type Expected = Pick<ChainContribution, 'number' | 'content' | 'contributor' | 'rows'>;

/**
 * A contribution on the chain, fetched and verified.
 * @throws ContributionUnfitError, UnsignedError, VersionUnsoundError, FormatError (its content is wrong), BlockMissingError,
 * SourceFailedError (no source has it), AbortedError
 */
export async function openProven(
  { ipfs, digester }: Reading,
  facts: Pick<DatanetFacts, 'name' | 'licence'>,
  expected: Expected,
  signal?: AbortSignal,
): Promise<OpenContribution> {
  const cid = cidOfDigest(expected.content);
  // Fetch its own block first, so that a missing contribution gives a clear error.
  await ipfs.block(cid, signal);
  const open = await openContribution(cid, ipfsBlockSource(ipfs, `Contribution ${expected.number}`), digester, signal);
  await ipfs.fetch(cid, { maxBytes: boundOf(open), signal });
  const misfit = misfitOf(open.contribution, facts, expected);
  if (misfit) throw new ContributionUnfitError(String(expected.number), misfit);
  await verifyContribution(open, digester, signal);
  return open;
}

/** Upper bound of the bytes in the blocks of a file of `bytes` bytes. */
export const boundOfFile = (bytes: number): number => bytes * 1.01 + 1024;

/** The size that it states for rows and files, plus room for its lists. */
const boundOf = ({ contribution, attachments }: OpenContribution): number =>
  attachments.reduce((sum, { bytes }) => sum + boundOfFile(bytes), contribution.stats.bytes) + (16 << 20);

function misfitOf(
  { datanet, licence, contributor, stats }: Contribution,
  facts: Pick<DatanetFacts, 'name' | 'licence'>,
  expected: Expected,
): string | null {
  if (datanet !== facts.name) return `it is for ${datanet}`;
  if (licence.spdx !== facts.licence.spdx)
    return `it is under ${licence.spdx}, the Datanet under ${facts.licence.spdx}`;
  if (contributor !== expected.contributor)
    return `its rows are ${contributor}'s, the chain says ${expected.contributor}'s`;
  if (stats.rows !== expected.rows) return `it has ${stats.rows} rows, the chain says ${expected.rows}`;
  return null;
}
