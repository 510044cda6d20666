// Pots built by the rule, judged by the deployed contracts: an honest proposer never loses a game, every kind of false list is found by the
// audit and convicted by the court, and accounts are paid to the wei.

import { beforeAll, describe, expect, it } from 'vitest';
import { attributionLedgerAbi } from '#lib/chain/abi/attribution-ledger.ts';
import { answerDemand } from '#lib/chain/actions/settlement/answer-demand.ts';
import { claimFlat } from '#lib/chain/actions/settlement/claim-flat.ts';
import { claimPots } from '#lib/chain/actions/settlement/claim-pots.ts';
import { collectReward } from '#lib/chain/actions/settlement/collect-reward.ts';
import { demandRow } from '#lib/chain/actions/settlement/demand-row.ts';
import { endDemand } from '#lib/chain/actions/settlement/end-demand.ts';
import { releaseBond } from '#lib/chain/actions/settlement/release-bond.ts';
import { flattenPot } from '#lib/chain/actions/settlement/flatten-pot.ts';
import { pickQuestion } from '#lib/chain/actions/settlement/pick-question.ts';
import { showTwice } from '#lib/chain/actions/settlement/show-twice.ts';
import { spreadFlat } from '#lib/chain/actions/settlement/spread-flat.ts';
import { withdrawShares } from '#lib/chain/actions/settlement/withdraw-shares.ts';
import { createRng } from '#lib/core/rng.ts';
import { LEVEL, type CourtPick } from '#lib/formats/payment/court-game.ts';
import { hashLineage } from '#lib/formats/payment/lineage.ts';
import { potOf } from '#lib/formats/payment/pot.ts';
import { auditList } from '#lib/settlement/audit-list.ts';
import { buildPot, type BuiltPot, type PublishedLine } from '#lib/settlement/build-pot.ts';
import { holderClaims, potClaim } from '#lib/settlement/claims.ts';
import { showRow } from '#lib/settlement/known-influence.ts';
import { pickTurn } from '#lib/settlement/pick-turn.ts';
import { LIES, STRANGER } from '../support/pot-lies.ts';
import { createPotStage, DAY, isOpen, type PotStage, type Standing } from '../support/pot-stage.ts';
import { holderAddress } from '../support/pot-world.ts';

const HOLDERS = 5;
const HOLDER_ROWS = 30;
let stage: PotStage;
beforeAll(async () => {
  stage = await createPotStage(40, { rows: HOLDER_ROWS, holders: HOLDERS, clusters: 17, orphanEvery: 13 });
}, 120_000);

/** A line of calls, of which every fifth has no influence. */
const lineOf = (calls: number): PublishedLine =>
  stage.world.line(Array.from({ length: calls }, (_, at) => stage.world.call(undefined, at % 5 === 4)));

async function sealedPot(shape: readonly (readonly number[])[]) {
  const redemptions = [];
  for (const lines of shape) redemptions.push(await stage.redeemLines(lines.map(lineOf)));
  return stage.seal(redemptions);
}

const supply = async (): Promise<bigint> => {
  const { read, addresses } = stage.people.maker;
  const abi = [
    { type: 'function', name: 'totalSupply', stateMutability: 'view', inputs: [], outputs: [{ type: 'uint256' }] },
  ] as const;
  return read.readContract({ address: addresses.OpenToken, abi, functionName: 'totalSupply' });
};
const ledgerOf = () =>
  ({ address: stage.people.maker.addresses.AttributionLedger, abi: attributionLedgerAbi }) as const;

describe('an honest proposer', () => {
  /** Picks at random among all that the court takes; null when there is nothing. */
  function anyPick({ said, move }: Standing, below: (bound: number) => number): CourtPick | null {
    if (said === null) return null;
    if ('numbers' in said) {
      return said.numbers.length === 0
        ? null
        : { name: 'pick', numbers: [...said.numbers], index: below(said.numbers.length) };
    }
    if (!move.turn.isRowAsked && below(2) === 0) return { name: 'pickRow', index: below(HOLDER_ROWS) };
    return said.entries.length === 0
      ? null
      : { name: 'pickEntry', entries: [...said.entries], index: below(said.entries.length) };
  }

  async function playAnything(standing: Standing, pot: BuiltPot, seed: number): Promise<Set<number>> {
    const rng = createRng(seed);
    const levels = new Set<number>();
    while (isOpen(standing)) {
      levels.add(standing.move.turn.level);
      expect(await stage.answer(standing, pot)).toBe(true);
      if (!isOpen(standing)) break;
      expect(pickTurn(pot, standing.move.turn, standing.said!), 'the watcher finds nothing').toBeNull();
      if (standing.move.turn.level === LEVEL.entries) await omitNothing(standing, pot);
      const pick = anyPick(standing, rng.below);
      await (pick ? stage.pick(standing, pick) : stage.timeout(standing));
    }
    return levels;
  }

  /** No row can be shown against true entries. */
  async function omitNothing({ move, said }: Standing, { known }: BuiltPot) {
    if (!said || !('entries' in said)) throw new Error('no entries');
    const index = known.counts.indexOf(true);
    const pick: CourtPick = {
      name: 'omitted',
      ...said,
      entries: [...said.entries],
      index,
      shown: showRow(known, index),
    };
    expect(await stage.attempt(stage.people.watcher, pickQuestion(stage.people.watcher, { move, pick }))).toBe(
      'NothingOmitted',
    );
  }

  it('never loses a game against any picks, about any account', { timeout: 120_000 }, async () => {
    const { id, pot } = await sealedPot([[6, 1], [281]]);
    const { meta, list } = await stage.propose(id, pot);
    expect(auditList(pot, list)).toEqual([]);
    const asked = [...Array.from({ length: HOLDERS }, (_, at) => holderAddress(at)), STRANGER, holderAddress(2)];
    const levels = new Set<number>();
    for (const [seed, account] of asked.entries()) {
      const standing = await stage.challenge(meta, list, account);
      for (const level of await playAnything(standing, pot, seed)) levels.add(level);
      expect(standing.outcome).toBe('challenger lost');
    }
    // Ranges of a long line and demanded rows were among the questions.
    expect([...levels].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 6, 7]);
    await stage.finalize(meta);
    const { read } = stage.people.maker;
    expect(await read.readContract({ ...ledgerOf(), functionName: 'rootOf', args: [id] })).toBe(meta.draft.root);
    expect(meta.draft.total).toBe(pot.totalWei);
  });
});

it('a call that was not paid makes no list', async () => {
  const redemption = await stage.redeemLines([lineOf(2)]);
  const [line] = redemption.lines;
  const more = [...line!.published, ...lineOf(1).published];
  const invented = { ...redemption, lines: [{ ...line!, calls: 3, published: more }] };
  await expect(stage.seal([invented])).rejects.toThrow('are not those that were booked');
  const costs = line!.published.map((call, at) => ({ ...call, costWei: line!.published[1 - at]!.costWei }));
  const moved = { ...redemption, lines: [{ ...line!, published: costs }] };
  const word = potOf([redemption.record]);
  const { AttributionLedger: ledger } = stage.people.node.addresses;
  expect(() => buildPot([moved], { word, ledger }, stage.world.known)).toThrow('do not make the root');
});

describe('a false list is found by the audit and convicted by the court', () => {
  let sealed: Awaited<ReturnType<typeof sealedPot>>;
  beforeAll(async () => {
    sealed = await sealedPot([[7, 3], [4]]);
  });

  it.each(Object.entries(LIES))('%s', async (_what, lie) => {
    const { id, pot } = sealed;
    const lied = lie(pot);
    const { meta, list } = await stage.propose(id, lied);
    const [worst] = auditList(pot, list);
    const standing = await stage.challenge(meta, list, worst!.account);
    const before = await supply();
    while (isOpen(standing)) {
      if (!(await stage.answer(standing, lied))) await stage.timeout(standing);
      if (!isOpen(standing)) break;
      const pick = pickTurn(pot, standing.move.turn, standing.said!);
      expect(pick, 'there is something to ask').not.toBeNull();
      await stage.pick(standing, pick!);
    }
    expect(standing.outcome).toBe('proposer convicted');
    expect(before - (await supply()), 'the worth of the pool is burnt').toBe(pot.poolWei);
    const { watcher } = stage.people;
    const { account } = await watcher.signer();
    const had = await stage.openOf(account.address);
    await stage.send(watcher, collectReward(watcher, standing.move));
    expect((await stage.openOf(account.address)) - had).toBe(pot.poolWei / 4n + (pot.poolWei + 999n) / 1000n);
  });

  it('and the true list of the same pot becomes final afterwards', async () => {
    const { meta } = await stage.propose(sealed.id, sealed.pot);
    await stage.finalize(meta);
    expect(meta.round).toBe(Object.keys(LIES).length + 1);
  });
});

it('ten pots are claimed at once, each account to the wei', { timeout: 120_000 }, async () => {
  const { read } = stage.people.maker;
  const final: { id: bigint; pot: BuiltPot }[] = [];
  const metas = [];
  for (let at = 0; at < 10; at++) {
    const made = await sealedPot([[2]]);
    metas.push((await stage.propose(made.id, made.pot)).meta);
    final.push(made);
  }
  for (const meta of metas) await stage.finalize(meta);
  const { node } = stage.people;
  let paid = 0n;
  for (let holder = 0; holder < HOLDERS; holder++) {
    const account = holderAddress(holder);
    const listed = final.filter(({ pot }) => pot.list.some((word) => word >> 96n === BigInt(account)));
    const claims = listed.map(({ id, pot }) => potClaim(id, pot.list, account));
    const had = await stage.openOf(account);
    await stage.send(node, claimPots(node, { account, claims }));
    const due = listed.reduce((sum, { pot }) => sum + pot.amounts.get(account)!, 0n);
    expect((await stage.openOf(account)) - had).toBe(due);
    paid += due;
    await expect(claimPots(node, { account, claims })).rejects.toThrow('were all paid before');
  }
  expect(paid).toBe(final.reduce((sum, { pot }) => sum + pot.totalWei, 0n));
  expect(await read.readContract({ ...ledgerOf(), functionName: 'potCount' })).toBe(final.at(-1)!.id);
});

it('a pot that is never proposed becomes flat and is paid by rows', { timeout: 120_000 }, async () => {
  const { maker, watcher } = stage.people;
  const { world } = stage;
  const { id, pot } = await sealedPot([[3]]);
  const records = pot.redemptions.map(({ record }) => record);
  expect(await stage.attempt(watcher, flattenPot(watcher, { id, records }))).toBe('NotFlatYet');
  await stage.pass(14n * DAY);
  await stage.send(watcher, flattenPot(watcher, { id, records }));
  await stage.send(watcher, spreadFlat(watcher, world.lineage));
  const ask = ledgerOf();
  const income = await maker.read.readContract({ ...ask, functionName: 'income', args: [1n, 1] });
  const rows = world.holders.reduce((sum, holder) => sum + BigInt(holder.rows), 0n);
  for (const { account, rows: own } of world.holders) {
    const had = await stage.openOf(account);
    const [holder] = holderClaims(world.holders, account);
    await stage.send(watcher, claimFlat(watcher, { datanet: 1n, version: 1, holder: holder! }));
    expect((await stage.openOf(account)) - had).toBe((income * BigInt(own)) / rows);
  }
  // The curator of the Datanet has its 5 %, and what is left in the ledger is dust.
  const { account: curator } = await maker.signer();
  await stage.send(maker, withdrawShares(maker, curator.address));
  const flat = await maker.read.readContract({ ...ask, functionName: 'flat', args: [hashLineage(world.lineage)] });
  expect(flat).toBeLessThan(10n);
});

it('after 90 days a pot needs no court, and the bond comes back', async () => {
  const { node, watcher } = stage.people;
  const { id, pot } = await sealedPot([[1]]);
  const records = pot.redemptions.map(({ record }) => record);
  const { meta } = await stage.propose(id, pot);
  const { address } = (await node.signer()).account;
  const had = await stage.openOf(address);
  await stage.pass(90n * DAY);
  await stage.send(watcher, flattenPot(watcher, { id, records, isWithoutCourt: true }));
  await stage.send(watcher, releaseBond(watcher, meta));
  expect((await stage.openOf(address)) - had).toBe(pot.poolWei + pot.poolWei / 4n);
  expect(await stage.openOf(node.addresses.AttributionCourt), 'the court holds nothing').toBe(0n);
});

describe('the committed influence', () => {
  it('answers a demand with the row and its origin', async () => {
    const { node, watcher } = stage.people;
    const place = { model: 1n, version: 1, index: 3 };
    await stage.send(watcher, demandRow(watcher, place));
    await stage.send(node, answerDemand(node, { ...place, shown: showRow(stage.world.known, 3) }));
    expect(() => showRow(stage.world.known, 12)).toThrow('lies in no cited version');
    expect(() => showRow(stage.world.known, 30)).toThrow('there is no row 30');
  });

  it('is not void for two different rows', async () => {
    const { watcher } = stage.people;
    const [first, second] = [1, 2].map((index) => ({ index, ...showRow(stage.world.known, index) }));
    const shown = { model: 1n, version: 1, first: first!, second: second! };
    expect(await stage.attempt(watcher, showTwice(watcher, shown))).toBe('OtherRows');
  });

  it('that cannot be shown is void, and its pots are flat at once', async () => {
    const { watcher } = stage.people;
    const { id, pot } = await sealedPot([[1]]);
    const records = pot.redemptions.map(({ record }) => record);
    // Row 12 lies in no cited version, so that no account can show it.
    const place = { model: 1n, version: 1, index: 12 };
    await stage.send(watcher, demandRow(watcher, place));
    expect(await stage.attempt(watcher, endDemand(watcher, place))).toBe('DemandNotOver');
    await stage.pass(3n * DAY);
    await stage.send(watcher, endDemand(watcher, place));
    await stage.send(watcher, flattenPot(watcher, { id, records }));
    expect(await stage.attempt(watcher, demandRow(watcher, place))).toBe('NoCommitment');
  });
});
