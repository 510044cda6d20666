// The story of a judgement: what a curator decided of the rows of contributions is written down and signed, kept here and at the
// pinners, and then told to the chain, all of them in one transaction.

import { judge, reasonWord } from '#lib/chain/actions/datanets/judge.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import {
  encodeReview,
  rejectedFormat,
  reviewTypedData,
  type RejectedRow,
  type Review,
} from '#lib/formats/datanet/review.ts';
import { buildPagedList } from '#lib/formats/datanet/paged-list.ts';
import { DAG_CBOR, type Block } from '#lib/formats/block/block.ts';
import { pin } from '#lib/ipfs/pins.ts';
import { bringToPinners } from '#lib/datanets/pinners/bring-to-pinners.ts';
import { reasonText } from '#lib/datanets/contributions/chain-contributions.ts';
import { cborCidOf, keepBlocks, type DatanetContext } from '#lib/datanets/datanet-context.ts';
import type { DatanetFacts } from '#lib/datanets/published/published-datanet.ts';

/** What was decided of one contribution. */
export interface Decision {
  number: number;
  /** sha2-256 digest of the contribution's id. */
  content: Hex;
  rows: number;
  /** Rows that are not taken, with why, and whose words they repeat. */
  rejected: readonly { leaf: Hex; reason: string; first: string | null }[];
  /** Why, when all of it is refused at once; too long for the chain, it stands in a review that names no row. */
  refusal: string | null;
}

export type JudgeEvent = { type: 'signed'; number: number; review: string } | { type: 'judged'; isDone: boolean };

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
    if (refusal === null && rejected.length < rows) await keepTaken(context, facts, { number, content }, signal);
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
    await keepBlocks(ipfs, blocks, name);
    await bringToPinners(context, cid, name, { signal });
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

/** What is taken must not hang on its contributor: versions are made of it, perhaps by other curators. */
async function keepTaken(
  context: Judging,
  { name }: Pick<DatanetFacts, 'name'>,
  { number, content }: Pick<Decision, 'number' | 'content'>,
  signal: AbortSignal,
): Promise<void> {
  const cid = cborCidOf(content);
  const title = `contribution ${number} to ${name}`;
  await context.ipfs.fetch(cid, { signal });
  await pin(context.ipfs.node, cid, { name: title, signal });
  // Its contributor brought rows and files there, as a rule.
  await bringToPinners(context, cid, title, { isKnown: ({ code }) => code !== DAG_CBOR, signal });
}
