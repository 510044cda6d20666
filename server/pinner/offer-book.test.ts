import { MemoryDatastore } from 'datastore-core';
import type { Address } from 'viem';
import { expect, it } from 'vitest';
import { offerText } from '#lib/chain/actions/datanets/offer.ts';
import { openOfferBook } from './offer-book.ts';

const alice: Address = `0x${'a1'.repeat(20)}`;
const bob: Address = `0x${'b0'.repeat(20)}`;
const birds = `10:0x${'cc'.repeat(20)}:7`;
const NOW = 1_800_000_000_000;
const DAY = 86_400;

const offer = (of: Address, rows: number, { datanet = birds, days = 30 } = {}) =>
  offerText(datanet, {
    terms: {
      ...{ datanet: 7n, contributor: of, content: `0x${String(rows).padStart(64, '0')}`, rows },
      ...{ rowsRoot: `0x${'11'.repeat(32)}`, licence: 2, nonce: 0n, deadline: BigInt(NOW / 1000 + days * DAY) },
    },
    signature: `0x${'22'.repeat(65)}`,
  });
const textsOf = (offers: { text: string }[]) => offers.map(({ text }) => text);

it('keeps offers by Datanet in order of arrival, also after a restart', async () => {
  const data = new MemoryDatastore();
  const book = await openOfferBook(data);
  const [first, second, other] = [offer(alice, 1), offer(bob, 2), offer(bob, 3, { datanet: `11${birds.slice(2)}` })];
  await book.add(alice, first, NOW);
  await book.add(bob, second, NOW + 1);
  await book.add(bob, other, NOW + 2);
  expect(textsOf(book.for(birds, NOW + 3))).toEqual([first, second]);
  expect(book.for(`${birds}0`, NOW)).toEqual([]);
  const again = await openOfferBook(data);
  expect(again.for(birds, NOW + 3)).toEqual(book.for(birds, NOW + 3));
});

it('replaces an earlier offer of the same rows', async () => {
  const book = await openOfferBook(new MemoryDatastore());
  await book.add(alice, offer(alice, 1), NOW);
  await book.add(alice, offer(alice, 2), NOW + 1);
  const anew = offer(alice, 1, { days: 40 });
  await book.add(alice, anew, NOW + 2);
  expect(textsOf(book.for(birds, NOW))).toEqual([anew, offer(alice, 2)]);
});

it('removes expired offers', async () => {
  const data = new MemoryDatastore();
  const book = await openOfferBook(data);
  await book.add(alice, offer(alice, 1, { days: 1 }), NOW);
  const later = NOW + 2 * DAY * 1000;
  expect(book.for(birds, later)).toEqual([]);
  await book.add(bob, offer(bob, 2), later);
  expect((await openOfferBook(data)).for(birds, NOW)).toHaveLength(1);
});

it('refuses offers of another wallet or without an expiry, and bounds them per wallet and in all', async () => {
  const book = await openOfferBook(new MemoryDatastore(), { wallet: 2, total: 3 });
  await expect(book.add(bob, offer(alice, 1), NOW)).rejects.toMatchObject({ status: 403 });
  await expect(book.add(alice, offer(alice, 1, { days: 100 }), NOW)).rejects.toMatchObject({ status: 400 });
  await expect(book.add(alice, offer(alice, 1, { days: -1 }), NOW)).rejects.toMatchObject({ status: 400 });
  await expect(book.add(alice, 'no offer', NOW)).rejects.toThrow('The offer');
  await book.add(alice, offer(alice, 1), NOW);
  await book.add(alice, offer(alice, 2), NOW);
  await expect(book.add(alice, offer(alice, 3), NOW)).rejects.toMatchObject({ status: 429 });
  await book.add(alice, offer(alice, 2, { days: 31 }), NOW);
  await book.add(bob, offer(bob, 3), NOW);
  await expect(book.add(bob, offer(bob, 4), NOW)).rejects.toMatchObject({ status: 507 });
  const [mine] = book.for(birds, NOW);
  await expect(book.remove(bob, mine!.id)).rejects.toMatchObject({ status: 404 });
  await book.remove(alice, mine!.id);
  await book.add(bob, offer(bob, 4), NOW);
  expect(book.for(birds, NOW)).toHaveLength(3);
});
