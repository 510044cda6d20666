// Sends the contributions in the outbox: uploads each to the pinners, then records it on the chain, and stores every step. Before a
// step it checks whether that was done already, so the flow can be interrupted anywhere and rerun.

import { parseCid } from '#lib/formats/block/block.ts';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { eventsDuring } from '#lib/core/events-during.ts';
import { contribute } from '#lib/chain/actions/datanets/contribute.ts';
import { isContributionUsed, signContribution } from '#lib/chain/actions/datanets/sign-contribution.ts';
import { offerText, parseOffer, readOffer } from '#lib/chain/actions/datanets/offer.ts';
import type { Outbox, OutboxRecord } from '#lib/db/outbox.ts';
import { uploadToPinners, type UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { contributionsOf } from '#lib/datanets/contributions/chain-contributions.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';

export type OutboxContext = Omit<DatanetContext, 'spill' | 'digester'> & { outbox: Outbox };

export type OutboxEvent =
  /** `id` is that of the record. */
  | ({ type: 'uploading'; id: string } & UploadProgress)
  /** The record changed and is stored. */
  | { type: 'moved'; record: OutboxRecord };

/** Long enough for a curator to find it. */
const OFFER_SECONDS = 30n * 86_400n;

/**
 * A failure is stored with its record; the others go on.
 *
 * @example
 * import { sendOutbox } from '#lib/flows/send-outbox.ts';
 *
 * for await (const event of sendOutbox({ ...datanets, outbox }, { signal })) {
 *   if (event.type === 'moved') show(`${event.record.datanetName}: ${event.record.problem || event.record.stage}`);
 * }
 */
export async function* sendOutbox(
  context: OutboxContext,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<OutboxEvent, void, void> {
  const { outbox, chain } = context;
  const { account } = await chain.signer();
  const own = account.address.toLowerCase();
  for (const record of await outbox.list()) {
    if (record.chainId !== chain.chain.id || record.contributor !== own || record.stage === 'done') continue;
    let now = record;
    try {
      for await (const event of sendOne(context, record, signal)) {
        if (event.type === 'moved') await outbox.put((now = event.record));
        yield event;
      }
    } catch (error) {
      if (signal.aborted) throw new AbortedError(error);
      const problem = error instanceof PayableError ? error.toLine() : firstLine(error);
      now = { ...now, problem };
      await outbox.put(now);
      yield moved(now);
    }
  }
}

const moved = (record: OutboxRecord): OutboxEvent => ({ type: 'moved', record });

async function* sendOne(
  context: OutboxContext,
  start: OutboxRecord,
  signal: AbortSignal,
): AsyncGenerator<OutboxEvent, void, void> {
  const { chain, pinners } = context;
  let record: OutboxRecord = { ...start, problem: '' };
  const id = BigInt(record.datanet);
  if (record.stage === 'kept') {
    // The sandbox has no other users, so its rows need no pinner.
    if (pinners.length === 0 && chain.mode !== 'embedded') {
      const problem = 'No pinner is named. Others could get the rows only while this tab is open.';
      yield moved({ ...record, problem });
      return;
    }
    // Rows first: without them, their keys are of no use.
    yield* upload(context, record, record.id, `contribution to ${record.datanetName}`, signal);
    if (record.ring) yield* upload(context, record, record.ring, `keys of ${record.datanetName}`, signal);
    yield moved((record = { ...record, stage: 'pinned' }));
  }
  // Read before the records: a contribution that they lack cannot have used its offer.
  const offer = record.offer ? parseOffer(record.offer) : null;
  const isOfferUsed = offer !== null && (await isContributionUsed(chain, offer.terms));
  const isOnChain = contributionsOf(await context.records('contributions'), id).some(
    ({ content, contributor }) => content === record.content && contributor === record.contributor,
  );
  if (isOnChain) {
    yield moved({ ...record, stage: 'done' });
    return;
  }
  const terms = { datanet: id, content: record.content, rows: record.rows, rowsRoot: record.rowRoot };
  if (record.payer === 'other') {
    const facts = await readDatanetFacts(context, id);
    const now = await laterNow(context);
    if (!record.offer || isOfferUsed || readOffer(record.offer, facts.name).terms.deadline <= now) {
      const own = { licence: facts.licence.id, deadline: now + OFFER_SECONDS };
      const signed = await signContribution(chain, { ...terms, ...own });
      yield moved((record = { ...record, offer: offerText(facts.name, signed), handedInAt: [] }));
    }
    yield* handIn(context, record, signal);
    return;
  }
  const plan = await contribute(chain, terms);
  const sent = await context.underWay();
  if (plan.steps.some(({ data }) => sent.includes(data))) {
    yield moved({ ...record, problem: 'Its transaction is under way; it is looked at again later.' });
    return;
  }
  const isDone = await context.run(plan);
  const problem = 'Its transaction did not go through. Try again, or look at your wallet.';
  yield moved(isDone ? { ...record, stage: 'done' } : { ...record, problem });
}

async function* upload(
  context: OutboxContext,
  { id }: OutboxRecord,
  root: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<OutboxEvent, void, void> {
  yield* eventsDuring<OutboxEvent, unknown>((push) => {
    const onProgress = (progress: UploadProgress) => push({ type: 'uploading', id, ...progress });
    return uploadToPinners(context, parseCid(root), name, { signal, onProgress });
  });
}

/**
 * The later of the chain's time and the device's. The chain compares deadlines with its own clock, which a sandbox may have moved
 * ahead; if the newest block is old, the next one will have about the device's time.
 */
async function laterNow({ chain, nowSeconds }: OutboxContext): Promise<bigint> {
  const { timestamp } = await chain.read.getBlock();
  const own = BigInt(nowSeconds());
  return timestamp > own ? timestamp : own;
}

/** Hands the offer in at every pinner, where curators look for it. A pinner that cannot be reached gets it in the next run. */
async function* handIn(
  { pinners }: OutboxContext,
  record: OutboxRecord,
  signal: AbortSignal,
): AsyncGenerator<OutboxEvent, void, void> {
  const { offer, handedInAt = [] } = record;
  const at = [...handedInAt];
  let problem = '';
  for (const { address, signIn } of pinners) {
    if (at.includes(address)) continue;
    try {
      await (await signIn(signal)).handIn(offer!, { signal });
      at.push(address);
    } catch (error) {
      if (signal.aborted || !(error instanceof PayableError)) throw error;
      problem = error.toLine();
    }
  }
  if (at.length > handedInAt.length || problem !== '') yield moved({ ...record, handedInAt: at, problem });
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? ((error as { shortMessage?: string }).shortMessage ?? error.message) : String(error)).split(
    '\n',
  )[0]!;
