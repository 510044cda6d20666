// Finds the offers for a Datanet that wait at the user's pinners. Unreadable offers and those already on the chain are left out; each
// of the others is simulated. An invalid offer cannot displace a valid one for the same rows.

import type { Address } from 'viem';
import { bringingStep } from '#lib/chain/actions/datanets/bring-contributions.ts';
import { readOffer, type Offer } from '#lib/chain/actions/datanets/offer.ts';
import { failureOf } from '#lib/chain/tx/errors.ts';
import type { Failure } from '#lib/chain/tx/record.ts';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { readAhead } from '#lib/core/read-ahead.ts';
import { contributionsOf } from './chain-contributions.ts';
import type { DatanetContext } from '../datanet-context.ts';
import type { DatanetFacts } from '../published/published-datanet.ts';

export interface FoundOffer {
  offer: Offer;
  /** Why the chain would refuse it now; empty when the chain would accept it. */
  problem: string;
}

export interface FoundOffers {
  /** Ordered by contributor. */
  offers: readonly FoundOffer[];
  /** Errors of pinners that could not be read. */
  trouble: readonly PayableError[];
}

type OfferContext = Pick<DatanetContext, 'chain' | 'pinners' | 'records'>;

/** Offers read per pinner. */
const MOST = 500;
const AT_ONCE = 8;

/** @throws AbortedError, and errors of reading the chain */
export async function findOffers(
  context: OfferContext,
  { id, name }: Pick<DatanetFacts, 'id' | 'name'>,
  { signal }: { signal: AbortSignal },
): Promise<FoundOffers> {
  const { texts, trouble } = await askPinners(context, name, signal);
  const known = contributionsOf(await context.records('contributions'), id);
  const isKnown = ({ terms }: Offer): boolean =>
    known.some(({ content, contributor }) => content === terms.content && isSame(contributor, terms.contributor));
  const inTurn = texts
    .flatMap((text) => readOrNull(text, name) ?? [])
    .filter((offer) => !isKnown(offer))
    .sort(byContributorAndNonce);
  const byRows = new Map<string, FoundOffer>();
  for await (const { offer, failure } of readAhead(inTurn, (one) => tryOffer(context, one), AT_ONCE)) {
    const found = { offer, problem: failure?.message ?? '' };
    const key = offerKey(offer);
    if (byRows.get(key)?.problem !== '') byRows.set(key, found);
  }
  signal.throwIfAborted();
  return { offers: [...byRows.values()], trouble };
}

/** Identifies the contributor and the content. */
export const offerKey = ({ terms }: Offer): string => `${terms.contributor.toLowerCase()} ${terms.content}`;

async function askPinners({ pinners }: OfferContext, name: string, signal: AbortSignal) {
  const texts = new Set<string>();
  const trouble: PayableError[] = [];
  await Promise.all(
    pinners.map(async ({ anonymous }) => {
      try {
        for (const text of (await anonymous().offers(name, { signal })).slice(0, MOST)) texts.add(text);
      } catch (error) {
        if (signal.aborted) throw new AbortedError(error);
        if (!(error instanceof PayableError)) throw error;
        trouble.push(error);
      }
    }),
  );
  return { texts: [...texts], trouble };
}

function readOrNull(text: string, name: string): Offer | null {
  try {
    return readOffer(text, name);
  } catch {
    // Pinners accept offers from anyone, so unreadable ones are expected.
    return null;
  }
}

const isSame = (a: Address, b: Address): boolean => a.toLowerCase() === b.toLowerCase();

const byContributorAndNonce = ({ terms: a }: Offer, { terms: b }: Offer): number => {
  if (!isSame(a.contributor, b.contributor)) return a.contributor.toLowerCase() < b.contributor.toLowerCase() ? -1 : 1;
  return a.nonce < b.nonce ? -1 : 1;
};

async function tryOffer({ chain }: OfferContext, offer: Offer): Promise<{ offer: Offer; failure: Failure | null }> {
  const { to, data } = bringingStep(chain, offer);
  try {
    await chain.read.call({ to, data });
    return { offer, failure: null };
  } catch (error) {
    return { offer, failure: failureOf(error) };
  }
}
