// Records a curator's decisions about contributions: a review is made of each, signed, and kept here and at the pinners; then one
// transaction puts all verdicts on the chain.

import type { CID } from 'multiformats/cid';
import { judge, reasonWord } from '#lib/chain/actions/datanets/judge.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { eventsDuring } from '#lib/core/events-during.ts';
import {
  encodeReview,
  rejectedFormat,
  reviewTypedData,
  type RejectedRow,
  type Review,
} from '#lib/formats/datanet/review.ts';
import { buildPagedList } from '#lib/formats/datanet/paged-list.ts';
import { DAG_CBOR, type Block } from '#lib/formats/block/block.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import { keepBlocks } from '#lib/ipfs/keep-blocks.ts';
import { pin } from '#lib/ipfs/pins.ts';
import { uploadToPinners, type UploadOptions, type UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { reasonText } from '#lib/datanets/contributions/chain-contributions.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import type { DatanetFacts } from '#lib/datanets/published/published-datanet.ts';

/** What a curator decided about one contribution. */
export interface Decision {
  number: number;
  /** sha2-256 digest of the contribution's id. */
  content: Hex;
  rows: number;
  /** Rows that are rejected: why, and the id of the row that each repeats, if any. */
  rejected: readonly { leaf: Hex; reason: string; first: string | null }[];
  /** Why all of it is rejected at once. A reason too long for the chain goes into a review that names no row. */
  refusal: string | null;
}

export type JudgeEvent =
  | ({ type: 'uploading' } & UploadProgress)
  | { type: 'signed'; number: number; review: string }
  | { type: 'judged'; isDone: boolean };

type Judging = Pick<DatanetContext, 'chain' | 'ipfs' | 'digester' | 'pinners' | 'nowSeconds' | 'run'>;

/**
 * @throws FormatError, StorageFullError, AbortedError, what the wallet throws, and trouble with all pinners
 *
 * @example
 * import { judgeContributions } from '#lib/flows/judge-contributions.ts';
 *
 * const decision = { number: 12, content: digest, rows: 250, rejected: [], refusal: null };
 * for await (const event of judgeContributions(datanets, facts, [decision], { signal })) {
 *   if (event.type === 'judged') show(event.isDone ? 'The chain has the judgement' : 'It was not sent');
 * }
 */
export async function* judgeContributions(
  context: Judging,
  facts: Pick<DatanetFacts, 'id' | 'name'>,
  decisions: readonly Decision[],
  { signal }: { signal: AbortSignal },
): AsyncGenerator<JudgeEvent, void, void> {
  const { chain, ipfs, digester, nowSeconds, run } = context;
  const verdicts: { contribution: number; isAccepted: boolean; reason?: string; review?: Hex }[] = [];
  for (const { number, content, rows, rejected, refusal } of decisions) {
    signal.throwIfAborted();
    if (refusal !== null && reasonText(reasonWord(refusal)) !== null) {
      verdicts.push({ contribution: number, isAccepted: false, reason: refusal });
      continue;
    }
    if (refusal === null && rejected.length < rows) yield* keepTaken(context, facts, { number, content }, signal);
    if (refusal === null && rejected.length === 0) {
      verdicts.push({ contribution: number, isAccepted: true });
      continue;
    }
    const signer = await chain.signer();
    const blocks: Block[] = [];
    const unsigned = writeReview({ ...{ facts, content, rejected, refusal }, curator: signer.account.address, blocks });
    const signature = await signer.signTypedData(reviewTypedData(unsigned, digester));
    blocks.push(encodeReview({ ...unsigned, signature }, digester));
    const { cid } = blocks.at(-1)!;
    const name = `review of contribution ${number} to ${facts.name}`;
    await keepBlocks(ipfs.node, blocks, name);
    yield* upload(context, cid, name, { signal });
    verdicts.push({
      contribution: number,
      isAccepted: refusal === null && rejected.length < rows,
      review: toHex(cid.multihash.digest),
    });
    yield { type: 'signed', number, review: cid.toString() };
  }
  yield { type: 'judged', isDone: await run(await judge(chain, { datanet: facts.id, verdicts })) };

  function writeReview({
    facts: { name: datanet },
    content,
    rejected,
    refusal,
    curator,
    blocks,
  }: {
    facts: Pick<DatanetFacts, 'name'>;
    content: Hex;
    rejected: Decision['rejected'];
    refusal: string | null;
    curator: string;
    blocks: Block[];
  }): Review {
    const named = refusal === null ? rejected : [];
    const reasons = refusal === null ? [...new Set(named.map(({ reason }) => reason))] : [refusal.trim()];
    const rows: RejectedRow[] = named
      .map(({ leaf, reason, first }) => ({ leaf, reason: reasons.indexOf(reason), first }))
      .sort((a, b) => (a.leaf < b.leaf ? -1 : 1));
    const pages = buildPagedList(rows, rejectedFormat, digester);
    let next = pages.next();
    for (; !next.done; next = pages.next()) blocks.push(next.value);
    return {
      ...{ datanet, contribution: content, curator: curator.toLowerCase() as Hex, reasons },
      ...{ rejected: next.value, createdAt: nowSeconds(), signature: null },
    };
  }
}

async function* upload(
  context: Judging,
  root: CID,
  name: string,
  options: UploadOptions,
): AsyncGenerator<JudgeEvent, void, void> {
  yield* eventsDuring<JudgeEvent, unknown>((push) => {
    const onProgress = (progress: UploadProgress) => push({ type: 'uploading', ...progress });
    return uploadToPinners(context, root, name, { ...options, onProgress });
  });
}

/** Keeps an accepted contribution here and at the pinners: other curators may need it after its contributor removed it. */
async function* keepTaken(
  context: Judging,
  { name }: Pick<DatanetFacts, 'name'>,
  { number, content }: Pick<Decision, 'number' | 'content'>,
  signal: AbortSignal,
): AsyncGenerator<JudgeEvent, void, void> {
  const cid = cidOfDigest(content);
  const title = `contribution ${number} to ${name}`;
  await context.ipfs.fetch(cid, { signal });
  await pin(context.ipfs.node, cid, { name: title, signal });
  // The contributor has usually uploaded rows and files already.
  yield* upload(context, cid, title, { isKnown: ({ code }) => code !== DAG_CBOR, signal });
}
