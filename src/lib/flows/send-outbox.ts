// The story of what waits in the outbox: each contribution is brought to the pinners, then to the chain, and every step is noted.
// What was done before is found out, not done again, so the story can break off anywhere and be told anew.

import { parseCid } from '#lib/formats/block/block.ts';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { contribute } from '#lib/chain/actions/datanets/contribute.ts';
import { nextContributionNonce, signContribution } from '#lib/chain/actions/datanets/sign-contribution.ts';
import { offerText, parseOffer, readOffer, type Offer } from '#lib/chain/actions/datanets/offer.ts';
import type { Hex } from '#lib/core/bytes.ts';
import type { Outbox, OutboxRecord } from '#lib/db/outbox.ts';
import { bringToPinners } from '#lib/datanets/pinners/bring-to-pinners.ts';
import { contributionsOf } from '#lib/datanets/contributions/chain-contributions.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';

export type OutboxContext = Omit<DatanetContext, 'spill' | 'digester'> & { outbox: Outbox };

/** Long enough for a curator to come by. */
const OFFER_SECONDS = 30n * 86_400n;

/**
 * Yields each record whenever it has moved and is noted. What goes wrong with one is noted there; the others go on.
 *
 * @example
 * import { sendOutbox } from '#lib/flows/send-outbox.ts';
 *
 * for await (const { datanetName, stage, problem } of sendOutbox({ ...datanets, outbox }, { signal }))
 *   show(`${datanetName}: ${problem || stage}`);
 */
export async function* sendOutbox(
  context: OutboxContext,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<OutboxRecord, void, void> {
  const { outbox, chain } = context;
  const { account } = await chain.signer();
  const own = account.address.toLowerCase();
  for (const record of await outbox.list()) {
    if (record.chainId !== chain.chain.id || record.contributor !== own || record.stage === 'done') continue;
    let now = record;
    try {
      for await (const moved of sendOne(context, record, signal)) {
        now = moved;
        await outbox.put(now);
        yield now;
      }
    } catch (error) {
      if (signal.aborted) throw new AbortedError(error);
      const problem = error instanceof PayableError ? error.toLine() : firstLine(error);
      now = { ...now, problem };
      await outbox.put(now);
      yield now;
    }
  }
}

async function* sendOne(
  context: OutboxContext,
  start: OutboxRecord,
  signal: AbortSignal,
): AsyncGenerator<OutboxRecord, void, void> {
  const { chain, pinners } = context;
  let record: OutboxRecord = { ...start, problem: '' };
  const id = BigInt(record.datanet);
  if (record.stage === 'kept') {
    // In the sandbox nobody else can come to see it.
    if (pinners.length === 0 && chain.mode !== 'embedded') {
      yield { ...record, problem: 'No pinner is named. Others could get the rows only while this tab is open.' };
      return;
    }
    const name = `contribution to ${record.datanetName}`;
    // First the rows: a ring alone opens nothing.
    await bringToPinners(context, parseCid(record.id), name, { signal });
    if (record.ring) await bringToPinners(context, parseCid(record.ring), `keys of ${record.datanetName}`, { signal });
    yield (record = { ...record, stage: 'pinned' });
  }
  // Before the records: what they have not by then, no nonce was used for.
  const nonce = await nextContributionNonce(chain, record.contributor as Hex);
  const isOnChain = contributionsOf(await context.records('contributions'), id).some(
    ({ content, contributor }) => content === record.content && contributor === record.contributor,
  );
  if (isOnChain) {
    yield { ...record, stage: 'done' };
    return;
  }
  const terms = { datanet: id, content: record.content, rows: record.rows, rowsRoot: record.rowRoot };
  if (record.payer === 'other') {
    const facts = await readDatanetFacts(context, id);
    const now = await laterNow(context);
    if (!record.offer || isOver(readOffer(record.offer, facts.name), nonce, now)) {
      const deadline = now + OFFER_SECONDS;
      const own = { licence: facts.licence.id, deadline, nonce: await nonceAfterOffers(context, record, nonce) };
      const signed = await signContribution(chain, { ...terms, ...own });
      yield (record = { ...record, offer: offerText(facts.name, signed), handedInAt: [] });
    }
    yield* handIn(context, record, signal);
    return;
  }
  const plan = await contribute(chain, terms);
  const sent = await context.underWay();
  if (plan.steps.some(({ data }) => sent.includes(data))) {
    yield { ...record, problem: 'Its transaction is under way; it is looked at again later.' };
    return;
  }
  const isDone = await context.run(plan);
  yield isDone
    ? { ...record, stage: 'done' }
    : { ...record, problem: 'Its transaction did not go through. Try again, or look at your wallet.' };
}

/** It counts no more: its time is over, or another one took its place. */
const isOver = ({ terms }: Offer, nonce: bigint, now: bigint): boolean => terms.nonce < nonce || terms.deadline <= now;

/**
 * The chain judges a deadline by its own clock, which a sandbox may have moved ahead of the device's; where no block was made for
 * long, the device knows better when the next one comes.
 */
async function laterNow({ chain, nowSeconds }: OutboxContext): Promise<bigint> {
  const { timestamp } = await chain.read.getBlock();
  const own = BigInt(nowSeconds());
  return timestamp > own ? timestamp : own;
}

/** The first nonce that no other offer of this contributor, still on its way, has. */
async function nonceAfterOffers({ outbox }: OutboxContext, record: OutboxRecord, nonce: bigint): Promise<bigint> {
  const others = (await outbox.list()).filter(
    ({ id, chainId, contributor, stage }) =>
      id !== record.id && chainId === record.chainId && contributor === record.contributor && stage !== 'done',
  );
  const taken = others.flatMap(({ offer }) => (offer ? [parseOffer(offer).terms.nonce] : []));
  return taken.reduce((next, one) => (one >= next ? one + 1n : next), nonce);
}

/** The offer waits at every pinner, where curators look for it. One that cannot be reached gets it the next time. */
async function* handIn(
  { pinners }: OutboxContext,
  record: OutboxRecord,
  signal: AbortSignal,
): AsyncGenerator<OutboxRecord, void, void> {
  const { offer, handedInAt = [] } = record;
  const at = [...handedInAt];
  let problem = '';
  for (const { address, enter } of pinners) {
    if (at.includes(address)) continue;
    try {
      await (await enter(signal)).handIn(offer!, { signal });
      at.push(address);
    } catch (error) {
      if (signal.aborted || !(error instanceof PayableError)) throw error;
      problem = error.toLine();
    }
  }
  if (at.length > handedInAt.length || problem !== '') yield { ...record, handedInAt: at, problem };
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? ((error as { shortMessage?: string }).shortMessage ?? error.message) : String(error)).split(
    '\n',
  )[0]!;
