// Signed contributions that wait to be submitted to a chain: in memory for reads, in the datastore for the next start.
// The session token names the owner; the chain verifies the signature.

import { createHash } from 'node:crypto';
import type { Datastore } from 'interface-datastore';
import { Key } from 'interface-datastore';
import { isAddressEqual, type Address } from 'viem';
import { parseOffer, type Offer } from '#lib/chain/actions/datanets/offer.ts';
import { badRequest, RefusedError } from './errors.ts';

export interface OfferLimits {
  /** Most offers of one wallet. */
  wallet: number;
  /** Most offers of all wallets, since wallets are free to make. */
  total: number;
}

export interface KeptOffer {
  /** Digest of the offered rows, the contributor and the Datanet. */
  id: string;
  text: string;
}

export interface OfferBook {
  /** Adds an offer; it replaces an earlier one of the same rows. @throws RefusedError */
  add(owner: Address, text: string, nowMs: number): Promise<KeptOffer>;
  /** Offers to `datanet` (`chain:contract:id`) in order of arrival, without expired ones. */
  for(datanet: string, nowMs: number): KeptOffer[];
  /** @throws RefusedError when there is no such offer, or it is another wallet's */
  remove(owner: Address, id: string): Promise<void>;
}

const PREFIX = '/payable/offers/';
const MAX_LIFE_MS = 92 * 86_400_000;
const LIMITS: OfferLimits = { wallet: 200, total: 20_000 };
const byTime = (a: { sinceMs: number }, b: { sinceMs: number }): number => a.sinceMs - b.sinceMs;

interface Waiting extends KeptOffer {
  sinceMs: number;
  offer: Offer;
}

export async function openOfferBook(data: Datastore, limits: Partial<OfferLimits> = {}): Promise<OfferBook> {
  const most = { ...LIMITS, ...limits };
  const all = new Map<string, Waiting>();
  for await (const { value } of data.query({ prefix: PREFIX })) {
    const { text, sinceMs } = JSON.parse(new TextDecoder().decode(value)) as { text: string; sinceMs: number };
    const offer = parseOffer(text);
    const id = idOf(offer);
    all.set(id, { id, text, sinceMs, offer });
  }
  const keyOf = (id: string) => new Key(`${PREFIX}${id}`);
  const isOver = ({ offer }: Waiting, nowMs: number) => Number(offer.terms.deadline) * 1000 <= nowMs;

  async function removeOver(nowMs: number): Promise<void> {
    for (const waiting of all.values()) {
      if (!isOver(waiting, nowMs)) continue;
      all.delete(waiting.id);
      await data.delete(keyOf(waiting.id));
    }
  }
  return {
    async add(owner, text, nowMs) {
      const offer = parseOffer(text);
      if (!isAddressEqual(offer.terms.contributor, owner)) {
        throw new RefusedError(403, 'FORBIDDEN', 'The offer is of another wallet than the token.');
      }
      const leftMs = Number(offer.terms.deadline) * 1000 - nowMs;
      if (leftMs <= 0 || leftMs > MAX_LIFE_MS) throw badRequest('The offer has to end within the next 92 days.');
      await removeOver(nowMs);
      const id = idOf(offer);
      if (!all.has(id)) {
        const own = all.values().filter((one) => isAddressEqual(one.offer.terms.contributor, owner));
        if ([...own].length >= most.wallet) {
          throw new RefusedError(429, 'INSUFFICIENT_FUNDS', `A wallet may have ${most.wallet} offers waiting.`, {
            hint: 'Take some back.',
          });
        }
        if (all.size >= most.total) {
          throw new RefusedError(507, 'INSUFFICIENT_STORAGE', 'This pinner takes no more offers.', {
            hint: 'Try another one.',
          });
        }
      }
      const sinceMs = all.get(id)?.sinceMs ?? nowMs;
      await data.put(keyOf(id), new TextEncoder().encode(JSON.stringify({ text, sinceMs })));
      all.set(id, { id, text, sinceMs, offer });
      return { id, text };
    },
    for: (datanet, nowMs) =>
      [...all.values()]
        .filter((waiting) => waiting.offer.datanet === datanet && !isOver(waiting, nowMs))
        .sort(byTime)
        .map(({ id, text }) => ({ id, text })),
    async remove(owner, id) {
      const waiting = all.get(id);
      if (!waiting || !isAddressEqual(waiting.offer.terms.contributor, owner)) {
        throw new RefusedError(404, 'NOT_FOUND', `There is no offer ${id.slice(0, 80)} of yours.`);
      }
      all.delete(id);
      await data.delete(keyOf(id));
    },
  };
}

function idOf({ datanet, terms }: Offer): string {
  const { contributor, content } = terms;
  return createHash('sha256').update(`${datanet} ${contributor.toLowerCase()} ${content.toLowerCase()}`).digest('hex');
}
