// An appeal against a rejection. A text of up to 31 bytes is stored on the chain. Of a longer text the chain stores the digest;
// the text, a raw block, is kept here and at the pinners before the transaction is sent.

import { appeal } from '#lib/chain/actions/datanets/appeal.ts';
import { reasonWord } from '#lib/chain/actions/datanets/judge.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { fromHex, toHex, type Hex } from '#lib/core/bytes.ts';
import { rawCidOf } from '#lib/formats/block/block.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { pin } from '#lib/ipfs/pins.ts';
import { uploadToPinners } from '../pinners/upload-to-pinners.ts';
import { reasonText, type ChainContribution } from './chain-contributions.ts';
import type { DatanetContext } from '../datanet-context.ts';
import type { DatanetFacts } from '../published/published-datanet.ts';

export const MAX_APPEAL_BYTES = 8192;

/** The action to sign. @throws BadInputError, FormatError (too long), StorageFullError, or an error when all pinners fail */
export async function appealRejection(
  context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester' | 'pinners'>,
  { id, name }: Pick<DatanetFacts, 'id' | 'name'>,
  { contribution, reason }: { contribution: number; reason: string },
): Promise<ActionPlan> {
  const text = reason.trim();
  const own = { datanet: id, contribution };
  if (text === '' || reasonText(reasonWord(text)) !== null) return appeal(context.chain, { ...own, reason: text });
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_APPEAL_BYTES) {
    throw new FormatError('The appeal', `it has ${bytes.length} bytes, at most ${MAX_APPEAL_BYTES} are kept`, {
      hint: 'Shorten it.',
    });
  }
  const digest = context.digester.sha256(bytes);
  const cid = rawCidOf(digest);
  const title = `appeal of contribution ${contribution} to ${name}`;
  await context.ipfs.node.blocks.put(cid, bytes);
  await pin(context.ipfs.node, cid, { name: title });
  await uploadToPinners(context, cid, title);
  return appeal(context.chain, { ...own, text: toHex(digest) });
}

/** The contributor's reason for the appeal. @throws FormatError, BlockMissingError, SourceFailedError */
export async function readAppeal(
  { ipfs }: Pick<DatanetContext, 'ipfs'>,
  { number, appeal: word }: Pick<ChainContribution, 'number'> & { appeal: Hex },
  signal?: AbortSignal,
): Promise<string> {
  const short = reasonText(word);
  if (short !== null) return short;
  const bytes = await ipfs.block(rawCidOf(fromHex(word)), signal);
  const what = `The appeal of contribution ${number}`;
  if (bytes.length > MAX_APPEAL_BYTES) throw new FormatError(what, `it has ${bytes.length} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(what, 'it is not text', { cause });
  }
}
