// A Datanet from its first contribution to its third version: real pinner, real chain, two curators and a contributor on separate
// devices. The connection is cut at every request in turn, before it is sent and after it arrived; nothing is lost or done twice.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, expect, it } from 'vitest';
import { startPinner, type Pinner } from '../../server/pinner/start-pinner.ts';
import { datanetRegistryAbi } from '#lib/chain/abi/datanet-registry.ts';
import { appeal } from '#lib/chain/actions/datanets/appeal.ts';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { signContribution } from '#lib/chain/actions/datanets/sign-contribution.ts';
import { setCurator } from '#lib/chain/actions/datanets/set-curator.ts';
import { withdrawContribution } from '#lib/chain/actions/datanets/withdraw-contribution.ts';
import { bringContributions } from '#lib/chain/actions/datanets/bring-contributions.ts';
import { toHex } from '#lib/core/bytes.ts';
import { encodeAbout } from '#lib/formats/datanet/datanet-about.ts';
import { encodeMembers } from '#lib/formats/datanet/datanet-members.ts';
import type { ImportSource } from '#lib/datanets/import/import-file.ts';
import type { RowSealer } from '#lib/datanets/contributions/seal-contribution.ts';
import { compareContribution } from '#lib/datanets/contributions/compare-contribution.ts';
import { diffVersions } from '#lib/dataset/diff-versions.ts';
import { verifyVersion } from '#lib/dataset/verify-version.ts';
import { createLanguageDetector } from '#lib/datanets/checks/language.ts';
import { appealRejection, readAppeal } from '#lib/datanets/contributions/appeal-rejection.ts';
import { uploadToPinners } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { contributionsOf } from '#lib/datanets/contributions/chain-contributions.ts';
import { contribute, type ContributeEvent } from '#lib/flows/contribute.ts';
import { keepBlocks } from '#lib/ipfs/keep-blocks.ts';
import { findOffers } from '#lib/datanets/contributions/find-offers.ts';
import { keepDescription } from '#lib/datanets/pinners/keep-description.ts';
import { isPinRoot } from '#lib/ipfs/pins.ts';
import { DeclinedError } from '#lib/chain/wallet/errors.ts';
import { judgeContributions, type Decision } from '#lib/flows/judge-contributions.ts';
import { offerText, readOffer } from '#lib/chain/actions/datanets/offer.ts';
import { openProven } from '#lib/datanets/contributions/open-proven.ts';
import { openPublished, readAbout, readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { publishVersion, type PublishEvent } from '#lib/flows/publish-version.ts';
import { readReview } from '#lib/datanets/contributions/read-review.ts';
import { sendOutbox } from '#lib/flows/send-outbox.ts';
import { openPicture } from '#lib/datanets/published/open-picture.ts';
import { memoryFile, PNG } from '../support/import-files.ts';
import { createPerson, fileOf } from '../support/datanet-person.ts';
import { digester } from '../support/datanets.ts';
import { createSandbox } from '../support/sandbox.ts';

const languageOf = await createLanguageDetector();
const { signal } = new AbortController();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.reverse().splice(0)) await close();
});

type Person = Awaited<ReturnType<typeof createPerson>>;

async function stage(now?: () => number) {
  const folder = await mkdtemp(join(tmpdir(), 'story-'));
  const pinner: Pinner = await startPinner({ folder, port: 0, peerPort: 0, log: () => undefined });
  closers.push(
    () => rm(folder, { recursive: true, force: true }),
    () => pinner.close(),
  );
  const sandbox = await createSandbox(now);
  const join_ = async (seed: number) => {
    const account = privateKeyToAccount(`0x${seed.toString(16).padStart(64, '0')}`);
    await sandbox.giveEther(account.address);
    return createPerson(sandbox.transport, account, pinner.url);
  };
  const owner = await join_(101);
  const about = encodeAbout({ name: 'Rare birds', description: 'Seen where and when.', field: 'nature' }, digester);
  await keepBlocks(owner.node, [about], 'about');
  await uploadToPinners(owner.context, about.cid, 'about');
  const { chain } = owner.context;
  await owner.context.run(
    await createDatanet(chain, {
      ...{ meta: toHex(about.cid.multihash.digest), licence: 2, curatorBps: 500 },
      ...{ isOpen: true, minStakeOpen: 0, tags: ['birds'] },
    }),
  );
  const registry = { address: chain.addresses.DatanetRegistry, abi: datanetRegistryAbi } as const;
  const id = await chain.read.readContract({ ...registry, functionName: 'datanetCount' });
  return { owner, join: join_, id, pinner };
}

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const birds = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => {
    const n = from + at;
    return {
      id: `bird-${String(n).padStart(5, '0')}`,
      text: `Bird ${n * 7919} was seen ${n} times beyond hill ${n % 13}.`,
    };
  });

async function offerRows(
  person: Person,
  id: bigint,
  rows: readonly object[],
  payer: 'contributor' | 'other' = 'contributor',
) {
  return offerFile(person, id, fileOf('rows.jsonl', lines(rows)), { payer });
}
async function offerFile(
  person: Person,
  id: bigint,
  file: ImportSource,
  { payer = 'contributor', sealer = null }: { payer?: 'contributor' | 'other'; sealer?: RowSealer | null } = {},
) {
  const facts = await readDatanetFacts(person.context, id);
  const input = {
    ...{ facts, datanetName: 'Rare birds', file, inspect: { languageOf } },
    ...{ leaveOut: { exact: true, near: false, private: true }, sealer, payer },
  };
  const events: ContributeEvent[] = [];
  for await (const event of contribute(person.context, input, { signal })) events.push(event);
  return events;
}
async function send(person: Person) {
  const moved = [];
  for await (const event of sendOutbox(person.context, { signal }))
    if (event.type === 'moved') moved.push(event.record);
  return moved;
}
async function queue(person: Person, id: bigint) {
  return contributionsOf(await person.context.records('contributions'), id);
}
async function judge(person: Person, id: bigint, decisions: readonly Decision[]) {
  const facts = await readDatanetFacts(person.context, id);
  const events = [];
  for await (const event of judgeContributions(person.context, facts, decisions, { signal })) events.push(event);
  return events;
}
async function acceptAll(person: Person, id: bigint) {
  const pending = (await queue(person, id)).filter(({ state }) => state === 'pending');
  const take = pending.map(({ number, content, rows }) => ({ number, content, rows, rejected: [], refusal: null }));
  expect((await judge(person, id, take)).at(-1)).toEqual({ type: 'judged', isDone: true });
}
async function publish(person: Person, id: bigint) {
  const events: PublishEvent[] = [];
  for await (const event of publishVersion(person.context, id, { signal })) events.push(event);
  return events;
}
async function openLatest(person: Person, id: bigint) {
  const facts = await readDatanetFacts(person.context, id);
  const { version } = await openPublished(person.context, facts, facts.versions, signal);
  await verifyVersion(version, digester);
  return version;
}

it('rows are contributed, reviewed and published; pinner and chain suffice to read them', async () => {
  const { owner, join: joins, id } = await stage();
  const ada = await joins(102);
  const kept = await offerRows(ada, id, [
    ...birds(300),
    { text: 'Call me at ada@ornis.ch about the heron.' },
    birds(1)[0]!,
  ]);
  expect(kept.at(-1)).toMatchObject({ type: 'kept', leftOut: 2, record: { rows: 300, stage: 'kept' } });
  expect((await send(ada)).map(({ stage: at, problem }) => [at, problem])).toEqual([
    ['pinned', ''],
    ['done', ''],
  ]);
  // Repeating it changes nothing.
  expect(await send(ada)).toEqual([]);
  // When all rows are left out, that is an error, and nothing is stored.
  const secret = offerRows(ada, id, [{ text: 'Call me at ada@ornis.ch about the heron.' }]);
  await expect(secret).rejects.toThrow('its only row is left out, so there is nothing to contribute');

  // The owner has only what the chain and the pinner provide.
  const facts = await readDatanetFacts(owner.context, id);
  expect(await readAbout(owner.context, facts)).toMatchObject({ name: 'Rare birds' });
  const [pending] = await queue(owner, id);
  const open = await openProven(owner.context, facts, pending!);
  const kinds = [];
  for await (const rows of compareContribution(open, null, { digester }))
    kinds.push(...rows.map(({ standing }) => standing.kind));
  expect(kinds.filter((kind) => kind === 'new').length).toBeGreaterThan(250);
  const [first] = await open.rows(open.shards[0]!);
  const rejected = [{ leaf: toHex(first!.leaf), reason: 'Seen too often.', first: null }];
  const { number, content, rows } = pending!;
  await judge(owner, id, [{ number, content, rows, rejected, refusal: null }]);
  const events = await publish(owner, id);
  expect(events.at(-1)).toMatchObject({ type: 'published', n: 1 });
  expect(events[0]).toEqual({ type: 'opening', contributions: 0, ofContributions: 1 });
  const bytes = owner.line.uploads.at(-1);
  expect(events.find(({ type }) => type === 'uploading')).toMatchObject({ type: 'uploading', bytes });
  expect(events.find(({ type }) => type === 'brought')).toEqual({ type: 'brought', pinners: 1 });
  await expect(publish(owner, id)).rejects.toThrow('holds all accepted');

  const version = await openLatest(ada, id);
  expect(version.version.stats.rows).toBe(299);
  expect(version.version.author).toBe(owner.address);
  const [judged] = await queue(ada, id);
  expect(judged!.state).toBe('accepted');
  const review = await readReview(ada.context, judged!);
  expect(review?.review.reasons).toEqual(['Seen too often.']);
  expect(review?.rejected[0]?.leaf).toBe(rejected[0]!.leaf);
});

it('with the connection cut at every request in turn, a contribution arrives once', async () => {
  const { join: joins, id, owner } = await stage();
  const ada = await joins(103);
  let cuts = 0;
  for (const when of ['before', 'after'] as const) {
    await offerRows(ada, id, birds(40, when === 'before' ? 0 : 1000));
    // The nth request of an attempt is cut; once a whole attempt passes uncut, every request has been cut.
    for (let at = 0; ; at++) {
      let seen = 0;
      ada.line.cut = (_, moment) => moment === when && seen++ === at;
      const moved = await send(ada);
      const cut = seen > at;
      if (cut) cuts++;
      if (moved.at(-1)?.stage === 'done' || (!cut && moved.length === 0)) break;
      expect(moved.at(-1)!.problem).not.toBe('');
    }
    ada.line.cut = () => false;
    await send(ada);
  }
  expect(cuts).toBeGreaterThan(4);
  expect(ada.outbox.records.size).toBe(2);
  for (const { stage: at, problem } of ada.outbox.records.values()) expect([at, problem]).toEqual(['done', '']);
  expect((await queue(owner, id)).map(({ rows, state }) => [rows, state])).toEqual([
    [40, 'pending'],
    [40, 'pending'],
  ]);
  const client = await ada.context.pinners[0]!.signIn();
  const cids = (await client.list()).map(({ cid }) => cid);
  expect([cids.length, new Set(cids).size]).toEqual([2, 2]);
});

it('nothing is sent twice when the page dies after sending and before storing', async () => {
  const { join: joins, id } = await stage();
  const ada = await joins(104);
  await offerRows(ada, id, birds(40));
  const { put } = ada.outbox;
  ada.outbox.put = async (record) => {
    if (record.stage === 'done') throw new Error('The tab is gone.');
    await put(record);
  };
  await expect(send(ada)).rejects.toThrow('The tab is gone.');
  ada.outbox.put = put;
  expect((await send(ada)).map(({ stage: at }) => at)).toEqual(['done']);
  expect(await queue(ada, id)).toHaveLength(1);
});

it('when two curators publish at once, the second continues on the first’s version', async () => {
  const { owner, join: joins, id } = await stage();
  const [ada, ben, eve] = [await joins(105), await joins(106), await joins(107)];
  await owner.context.run(
    await setCurator(owner.context.chain, {
      datanet: id,
      curator: eve.address,
      isAllowed: true,
    }),
  );
  await offerRows(ada, id, birds(200));
  await send(ada);
  await acceptAll(owner, id);
  expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 1 });

  await offerRows(ben, id, birds(50, 5000));
  await send(ben);
  await acceptAll(eve, id);
  // Eve has assembled her version and is about to publish; meanwhile the owner publishes.
  const eves: PublishEvent[] = [];
  for await (const event of publishVersion(eve.context, id, { signal })) {
    eves.push(event);
    if (event.type === 'brought') {
      await offerRows(ada, id, birds(30, 9000));
      await send(ada);
      await acceptAll(owner, id);
      expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 2 });
    }
  }
  expect(eves.at(-1)).toEqual({ type: 'behind', latest: 2 });
  // The owner's version has everything that was accepted, so there is nothing left to publish.
  await expect(publish(eve, id)).rejects.toThrow('holds all accepted');
  await offerRows(ben, id, birds(20, 7000));
  await send(ben);
  await acceptAll(eve, id);
  expect((await publish(eve, id)).at(-1)).toMatchObject({ type: 'published', n: 3 });

  const facts = await readDatanetFacts(ben.context, id);
  const history = [];
  for (let n = facts.versions; n > 0; n--) history.push((await openPublished(ben.context, facts, n)).version);
  for (const version of history) await verifyVersion(version, digester);
  expect(history.map(({ version }) => [version.n, version.stats.rows, version.author])).toEqual([
    [3, 300, eve.address],
    [2, 280, owner.address],
    [1, 200, owner.address],
  ]);
  expect(history.map(({ version }) => version.parents.map(String))).toEqual([
    [history[1]!.cid.toString()],
    [history[2]!.cid.toString()],
    [],
  ]);
  const changes = [];
  for await (const { kind } of diffVersions(history[1]!, history[0]!)) changes.push(kind);
  expect(changes).toEqual(Array<string>(20).fill('added'));
});

it('a contribution is rejected, appealed and accepted; once withdrawn, the next version lacks it', async () => {
  const { owner, join: joins, id } = await stage();
  const [ada, ben] = [await joins(108), await joins(109)];
  for (const [who, from] of [
    [ada, 0],
    [ben, 400],
  ] as const) {
    await offerRows(who, id, birds(60, from));
    await send(who);
  }
  const refuse = (await queue(owner, id)).map(({ number, content, rows }) => ({
    ...{ number, content, rows, rejected: [] },
    refusal: number === 1 ? null : 'Too blurry.',
  }));
  await judge(owner, id, refuse);
  expect((await queue(ben, id)).map(({ state }) => state)).toEqual(['accepted', 'rejected']);
  const { chain } = ben.context;
  const facts = await readDatanetFacts(ben.context, id);
  const long = 'Look again: the light was bad, but every feather can be told from the next.\nBen';
  await expect(appealRejection(ben.context, facts, { contribution: 2, reason: 'x'.repeat(9000) })).rejects.toThrow(
    'at most 8192',
  );
  await ben.context.run(await appealRejection(ben.context, facts, { contribution: 2, reason: ` ${long} ` }));
  const [, appealed] = await queue(owner, id);
  expect(appealed).toMatchObject({ state: 'appealed' });
  // The chain has only its digest; the pinner has the text.
  expect(await readAppeal(owner.context, { number: 2, appeal: appealed!.appeal! })).toBe(long);
  const short = await appealRejection(ben.context, facts, { contribution: 2, reason: 'Look again.' });
  expect(short.steps[0].data).toBe(
    (await appeal(chain, { datanet: id, contribution: 2, reason: 'Look again.' })).steps[0].data,
  );
  await judge(owner, id, [{ ...appealed!, rejected: [], refusal: null }]);
  expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 1 });
  expect((await openLatest(ada, id)).version.stats.rows).toBe(120);

  await ada.context.run(await withdrawContribution(ada.context.chain, { datanet: id, contribution: 1 }));
  expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 2 });
  const version = await openLatest(ben, id);
  expect(version.version.stats.rows).toBe(60);
  expect(version.contributors.map(({ address }) => address)).toEqual([ben.address]);
  await expect(publish(owner, id)).rejects.toThrow('holds all accepted');
});

it('rows that are withdrawn and contributed again stay; a long rejection is read in full', async () => {
  const { owner, join: joins, id } = await stage();
  const [ada, ben] = [await joins(111), await joins(112)];
  for (const [who, from] of [
    [ada, 0],
    [ben, 400],
  ] as const) {
    await offerRows(who, id, birds(40, from));
    await send(who);
  }
  await acceptAll(owner, id);
  await publish(owner, id);
  await ada.context.run(await withdrawContribution(ada.context.chain, { datanet: id, contribution: 1 }));
  await publish(owner, id);
  expect((await openLatest(owner, id)).version.stats.rows).toBe(40);
  await offerRows(ada, id, birds(45));
  await send(ada);
  await acceptAll(owner, id);
  await publish(owner, id);
  expect((await openLatest(owner, id)).version.stats.rows).toBe(85);
  // The version after it does not remove these rows again.
  await expect(publish(owner, id)).rejects.toThrow('holds all accepted');
  await offerRows(ben, id, birds(5, 800));
  await send(ben);
  await acceptAll(owner, id);
  await publish(owner, id);
  expect((await openLatest(ada, id)).version.stats.rows).toBe(90);

  await offerRows(ben, id, birds(3, 900));
  await send(ben);
  const late = (await queue(owner, id)).at(-1)!;
  const refusal = 'These three were seen by somebody else, who said so last week, with pictures.';
  await judge(owner, id, [{ ...late, rejected: [], refusal }]);
  const told = (await queue(ben, id)).at(-1)!;
  expect(told.state).toBe('rejected');
  expect(await readReview(ben.context, told)).toMatchObject({ review: { reasons: [refusal] }, rejected: [] });
});

it('a version sent to the chain is kept while its outcome is unknown, and not published twice', async () => {
  const { owner, join: joins, id } = await stage();
  const ada = await joins(113);
  await offerRows(ada, id, birds(40));
  await send(ada);
  await acceptAll(owner, id);
  const { run, underWay } = owner.context;
  let handedOn: Parameters<typeof run>[0] | null = null;
  owner.context.run = async (plan) => {
    handedOn = plan;
    return false;
  };
  owner.context.underWay = async () => handedOn?.steps.map(({ data }) => data) ?? [];
  await expect(publish(owner, id)).rejects.toThrow('is under way');
  await expect(publish(owner, id)).rejects.toThrow('is under way');
  expect(await run(handedOn!)).toBe(true);
  Object.assign(owner.context, { run, underWay });
  await expect(publish(owner, id)).rejects.toThrow('holds all accepted');
  const { version } = await openLatest(owner, id);
  expect([version.n, version.stats.rows]).toEqual([1, 40]);

  // The response is lost, but not the transaction: the chain knows it.
  await offerRows(ada, id, birds(10, 100));
  await send(ada);
  await acceptAll(owner, id);
  owner.context.run = async (plan) => {
    await run(plan);
    return false;
  };
  expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 2 });
  owner.context.run = run;

  // After the user declines in the wallet, nothing of it is kept.
  await offerRows(ada, id, birds(10, 200));
  await send(ada);
  await acceptAll(owner, id);
  owner.context.run = async () => false;
  const events = await publish(owner, id);
  expect(events.some(({ type }) => type === 'published' || type === 'behind')).toBe(false);
  const packed = events.find((event) => event.type === 'packed')!;
  expect(await owner.node.blocks.has(packed.manifest)).toBe(false);
  owner.context.run = run;
  expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 3 });
});

it('another account pays: offers wait at the pinner and are sent to the chain together', async () => {
  // The pinner uses its machine's clock.
  const { owner, join: joins, id } = await stage(() => Date.now());
  const [ada, eve] = [await joins(110), await joins(111)];
  for (const { context } of [owner, ada, eve]) context.nowSeconds = () => Math.floor(Date.now() / 1000);
  const facts = await readDatanetFacts(owner.context, id);
  const find = async () => (await findOffers(owner.context, facts, { signal })).offers;
  await offerRows(ada, id, birds(40), 'other');
  await offerRows(ada, id, birds(30, 40), 'other');
  // The offers are signed, but do not arrive; nothing is signed twice.
  ada.line.cut = (url, when) => url.includes('/offers') && when === 'before';
  const held = await send(ada);
  expect(held.at(-1)).toMatchObject({ stage: 'pinned', handedInAt: [] });
  expect(held.at(-1)!.problem).toContain('cannot be reached');
  expect(await find()).toEqual([]);
  ada.line.cut = () => false;
  const sent = await send(ada);
  expect(sent.at(-1)).toMatchObject({ offer: held.at(-1)!.offer, problem: '' });
  expect(sent.at(-1)!.handedInAt).toHaveLength(1);
  expect(await send(ada)).toEqual([]);

  // Another account leaves an offer that the chain would refuse.
  await offerRows(eve, id, birds(5, 90), 'other');
  await send(eve);
  const [kept] = eve.outbox.records.values();
  const { terms, signature } = readOffer(kept!.offer!, facts.name);
  const client = await eve.context.pinners[0]!.signIn();
  await client.handIn(offerText(facts.name, { terms: { ...terms, rows: 6 }, signature }));
  expect(await queue(owner, id)).toEqual([]);
  const found = await find();
  expect(found).toHaveLength(3);
  expect(found.filter(({ problem }) => problem !== '').map(({ offer }) => offer.terms.rows)).toEqual([6]);

  const good = found.filter(({ problem }) => problem === '').map(({ offer }) => offer);
  // A pinner forges earlier and later offers of the same rows: they do not hide the valid ones.
  const [honest] = owner.context.pinners;
  const madeUp = good.flatMap((offer) =>
    [0n, 1n, 2n].map((nonce) => offerText(facts.name, { ...offer, terms: { ...offer.terms, nonce, rows: 9 } })),
  );
  const liar = {
    ...honest!,
    anonymous: () => ({ ...honest!.anonymous(), offers: async () => ['no offer', ...madeUp] }),
  };
  for (const pinners of [
    [liar, honest!],
    [honest!, liar],
  ]) {
    const { offers, trouble } = await findOffers({ ...owner.context, pinners }, facts, { signal });
    expect([offers.filter(({ problem }) => problem === '').map(({ offer }) => offer), trouble]).toEqual([good, []]);
  }

  expect(new Set(good.map(({ terms }) => terms.nonce)).size).toBe(2);
  // In any order: an offer that was never brought holds up no other.
  const largeFirst = good.toSorted((a, b) => b.terms.rows - a.terms.rows);
  const { chain } = owner.context;
  expect(await owner.context.run(await bringContributions(chain, largeFirst))).toBe(true);
  expect(await owner.context.run(await bringContributions(chain, [good[0]!]))).toBe(false);
  expect((await queue(owner, id)).map(({ contributor, rows }) => [contributor, rows])).toEqual([
    [ada.address, 40],
    [ada.address, 30],
  ]);
  expect((await find()).map(({ offer }) => offer.terms.rows)).toEqual([6]);
  expect((await send(ada)).map(({ stage }) => stage)).toEqual(['done', 'done']);
});

it('an offer is signed again after it expired or was replaced; a text is read in full or refused', async () => {
  const { owner, join: joins, id } = await stage();
  const ada = await joins(112);
  ada.context.pinners = [];
  ada.context.chain = { ...ada.context.chain, mode: 'embedded' };
  await offerRows(ada, id, birds(40), 'other');
  const offer = (await send(ada)).at(-1)!.offer!;
  expect(await send(ada)).toEqual([]);
  const { name } = await readDatanetFacts(owner.context, id);
  expect(() => readOffer(offer.slice(3), name)).toThrow('The offer');
  expect(() => readOffer(offer, `${name}1`)).toThrow('another Datanet');
  expect(() => readOffer('a'.repeat(10_000), name)).toThrow('too long');

  const now = ada.context.nowSeconds;
  ada.context.nowSeconds = () => now() + 31 * 86_400;
  const later = (await send(ada)).at(-1)!.offer!;
  const [first, second] = [readOffer(offer, name), readOffer(later, name)];
  expect(second.terms.content).toBe(first.terms.content);
  expect(second.terms.nonce).not.toBe(first.terms.nonce);
  expect(second.terms.deadline).toBeGreaterThan(first.terms.deadline);
  ada.context.nowSeconds = now;
  // Signed on another device with the same nonce, for other rows.
  const { chain } = ada.context;
  const elsewhere = await signContribution(chain, {
    ...{ datanet: id, content: `0x${'77'.repeat(32)}`, rows: 1, rowsRoot: `0x${'78'.repeat(32)}` },
    ...{ licence: 2, deadline: second.terms.deadline, nonce: second.terms.nonce },
  });
  expect(await owner.context.run(await bringContributions(owner.context.chain, [elsewhere]))).toBe(true);
  const anew = readOffer((await send(ada)).at(-1)!.offer!, name);
  expect(anew.terms.nonce).not.toBe(second.terms.nonce);
  expect(await owner.context.run(await bringContributions(owner.context.chain, [anew]))).toBe(true);
  expect((await send(ada)).at(-1)!.stage).toBe('done');
});

it('a new description from a device without the list of members keeps the members', async () => {
  const { owner, join: joins } = await stage();
  const { name } = await readDatanetFacts(owner.context, 1n);
  const card = {
    address: owner.address,
    publicKey: `0x${'04'.repeat(65)}`,
    signature: `0x${'22'.repeat(65)}`,
  } as const;
  const list = encodeMembers({ datanet: name, members: [card] }, digester);
  const about = { name: 'Rare birds', description: 'Seen where and when.', field: 'nature', members: list.cid };
  await keepDescription(owner.context, [list, encodeAbout(about, digester)], name);
  const elsewhere = await joins(101);
  const anew = encodeAbout({ ...about, description: 'Heard, too.' }, digester);
  await keepDescription(elsewhere.context, [anew], name);
  expect(await elsewhere.node.blocks.has(list.cid)).toBe(true);
});

it('an unsent description is removed here and at pinners, and nothing else is', async () => {
  const { owner, join: joins } = await stage();
  const ada = await joins(102);
  const [pinned] = ada.context.pinners;
  const listed = async () => (await (await pinned!.signIn()).list()).map(({ cid }) => cid);
  const draft = encodeAbout({ name: 'Draft', description: '', field: '' }, digester);
  const undo = await keepDescription(ada.context, [draft], 'draft');
  expect([await isPinRoot(ada.node, draft.cid), await listed()]).toEqual([true, [draft.cid.toString()]]);
  // Once more, for another Datanet with the same description: the blocks kept before stay.
  await (
    await keepDescription(ada.context, [draft], 'draft')
  )();
  expect([await isPinRoot(ada.node, draft.cid), await listed()]).toEqual([true, [draft.cid.toString()]]);
  await undo();
  expect([await isPinRoot(ada.node, draft.cid), await listed()]).toEqual([false, []]);
  // When the user declines to sign in, nothing is stored.
  const declined = { ...pinned!, signIn: () => Promise.reject(new DeclinedError()) };
  const keeping = keepDescription({ ...owner.context, pinners: [declined] }, [draft], 'draft');
  await expect(keeping).rejects.toThrow(DeclinedError);
  expect(await isPinRoot(owner.node, draft.cid)).toBe(false);
});

it('an accepted contribution survives its contributor: another curator publishes it', async () => {
  const { owner, join: joins, id } = await stage();
  const [ada, eve] = [await joins(120), await joins(121)];
  const change = { datanet: id, curator: eve.address, isAllowed: true };
  await owner.context.run(await setCurator(owner.context.chain, change));
  await offerRows(ada, id, birds(40));
  await send(ada);
  await acceptAll(owner, id);
  const pinned = await ada.context.pinners[0]!.signIn();
  for (const { requestId } of await pinned.list()) await pinned.remove(requestId);
  expect((await publish(eve, id)).at(-1)).toMatchObject({ type: 'published', n: 1 });
});

it('blocks that pinners have from a previous version are not uploaded again, unless removed', async () => {
  const { owner, join: joins, id, pinner } = await stage();
  const ada = await joins(141);
  await offerRows(ada, id, birds(3000));
  await send(ada);
  await acceptAll(owner, id);
  await publish(owner, id);
  const [contributed] = ada.line.uploads;
  // The rows came with the contribution: neither accepting nor publishing uploads them again.
  expect(Math.max(...owner.line.uploads)).toBeLessThan(0.1 * contributed!);
  const { bytes } = (await openLatest(owner, id)).version.stats;

  await offerRows(ada, id, birds(20, 90_000));
  await send(ada);
  await acceptAll(owner, id);
  await publish(owner, id);
  expect(owner.line.uploads.at(-1)).toBeLessThan(0.15 * bytes);
  const second = await openLatest(await joins(142), id);
  expect(second.version.stats.rows).toBe(3020);

  // With all pins removed, the last removal deletes the blocks.
  for (const { context } of [ada, owner]) {
    const client = await context.pinners[0]!.signIn();
    for (const { requestId } of await client.list()) await client.remove(requestId);
  }
  const shard = new URL(`ipfs/${second.shards[0]!.cid.toString()}?format=raw`, pinner.url);
  await expect.poll(async () => (await fetch(shard)).status).toBe(404);
  await offerRows(ada, id, birds(20, 95_000));
  await send(ada);
  await acceptAll(owner, id);
  expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 3 });
  expect(owner.line.uploads.at(-1)).toBeGreaterThan(bytes);
  expect((await openLatest(await joins(143), id)).version.stats.rows).toBe(3040);
});

/** A picture of one pixel, with extra bytes after its end. */
const picture = (name: string, size: number, mark: number) => {
  const bytes = new Uint8Array(size).fill(mark);
  bytes.set(PNG);
  return { bytes, file: memoryFile(name, bytes) };
};

it('pictures follow their rows: contributed, reviewed, published, and left out after withdrawal', async () => {
  const { owner, join: joins, id } = await stage();
  const [ada, ben, eve] = [await joins(121), await joins(122), await joins(123)];
  const [heron, owl] = [picture('heron.png', 1_500_000, 1), picture('owl.png', 900, 2)];
  const again = memoryFile('owl-again.png', owl.bytes);
  const set = { name: '3 pictures', size: 0, pictures: [heron.file, owl.file, again] };
  expect((await offerFile(ada, id, set)).at(-1)).toMatchObject({ leftOut: 1, record: { rows: 2 } });
  await send(ada);
  await offerRows(ben, id, birds(300));
  await send(ben);
  await acceptAll(owner, id);
  expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 1 });

  const first = await openLatest(ben, id);
  const files = (await first.attachments()).map(({ cid, bytes }) => ({ cid: cid.toString(), bytes }));
  expect(files.map(({ bytes }) => bytes).sort()).toEqual([1_500_000, 900]);
  for (const { cid, bytes } of files) {
    const { info, bytes: found } = await openPicture(eve.context.ipfs, { cid, name: 'it' });
    expect(info).toEqual({ mediaType: 'image/png', width: 1, height: 1 });
    expect(Buffer.from(found).equals(bytes === 900 ? owl.bytes : heron.bytes)).toBe(true);
  }

  await ada.context.run(await withdrawContribution(ada.context.chain, { datanet: id, contribution: 1 }));
  expect((await publish(owner, id)).at(-1)).toMatchObject({ type: 'published', n: 2 });
  const second = await openLatest(ben, id);
  expect([second.version.stats.rows, await second.attachments()]).toEqual([300, []]);

  // A curator whose device has none of the earlier versions.
  const late = await joins(124);
  await owner.context.run(
    await setCurator(owner.context.chain, { datanet: id, curator: late.address, isAllowed: true }),
  );
  await offerFile(ben, id, { name: 'a picture', size: 0, pictures: [picture('kite.png', 800, 3).file] });
  await send(ben);
  await acceptAll(late, id);
  expect((await publish(late, id)).at(-1)).toMatchObject({ type: 'published', n: 3 });
  expect(await (await openLatest(ada, id)).attachments()).toMatchObject([{ bytes: 800 }]);

  // A curator who never opened the picture keeps it in her version.
  const later = await joins(125);
  await owner.context.run(
    await setCurator(owner.context.chain, { datanet: id, curator: later.address, isAllowed: true }),
  );
  await offerRows(ben, id, birds(20, 800));
  await send(ben);
  await acceptAll(later, id);
  const events = await publish(later, id);
  expect(events.at(-1)).toMatchObject({ type: 'published', n: 4 });
  expect(events.find(({ type }) => type === 'gathering')).toEqual({ type: 'gathering', files: 0, ofFiles: 1 });
  const [kite] = await (await openLatest(ada, id)).attachments();
  expect(await later.node.blocks.has(kite!.cid)).toBe(true);
});
