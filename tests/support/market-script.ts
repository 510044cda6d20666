// Sixty steps through all functions of the contracts, with the app's own actions: from a Datanet to the claim of a season. Runs
// on any chain that follows the given clock, and records the results in a journal.

import { encodeFunctionData, getAddress, parseEther, type Address, type Transport } from 'viem';
import { expect } from 'vitest';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { addQuest } from '#lib/chain/actions/quests/add-quest.ts';
import { announceTerms } from '#lib/chain/actions/models/announce-terms.ts';
import { appeal } from '#lib/chain/actions/datanets/appeal.ts';
import { answerDemand } from '#lib/chain/actions/settlement/answer-demand.ts';
import { answerQuestion } from '#lib/chain/actions/settlement/answer-question.ts';
import { cancelClose } from '#lib/chain/actions/settlement/cancel-close.ts';
import { challengeAccount } from '#lib/chain/actions/settlement/challenge-account.ts';
import { claimFlat } from '#lib/chain/actions/settlement/claim-flat.ts';
import { claimPots } from '#lib/chain/actions/settlement/claim-pots.ts';
import { collectReward } from '#lib/chain/actions/settlement/collect-reward.ts';
import { demandRow } from '#lib/chain/actions/settlement/demand-row.ts';
import { endGame } from '#lib/chain/actions/settlement/end-game.ts';
import { finalizeList } from '#lib/chain/actions/settlement/finalize-list.ts';
import { pickQuestion } from '#lib/chain/actions/settlement/pick-question.ts';
import { proposeList } from '#lib/chain/actions/settlement/propose-list.ts';
import { sealPot } from '#lib/chain/actions/settlement/seal-pot.ts';
import { spreadFlat } from '#lib/chain/actions/settlement/spread-flat.ts';
import { withdrawNative } from '#lib/chain/actions/settlement/withdraw-native.ts';
import { withdrawShares } from '#lib/chain/actions/settlement/withdraw-shares.ts';
import { quoteSplit } from '#lib/chain/actions/settlement/split-words.ts';
import { authorizeChannel } from '#lib/chain/actions/settlement/authorize-channel.ts';
import { authorizeInvocation } from '#lib/chain/actions/settlement/authorize-invocation.ts';
import { awardMany } from '#lib/chain/actions/quests/award-many.ts';
import { bringAward } from '#lib/chain/actions/quests/bring-award.ts';
import { bringContributions } from '#lib/chain/actions/datanets/bring-contributions.ts';
import { claimSeason } from '#lib/chain/actions/quests/claim-season.ts';
import { closeChannel } from '#lib/chain/actions/settlement/close-channel.ts';
import { commitInfluence } from '#lib/chain/actions/models/commit-influence.ts';
import { completeQuest } from '#lib/chain/actions/quests/complete-quest.ts';
import { contribute } from '#lib/chain/actions/datanets/contribute.ts';
import { contributeBatch, batchTree } from '#lib/chain/actions/datanets/contribute-batch.ts';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { sandboxVotes } from '#lib/chain/actions/sandbox/sandbox-votes.ts';
import { deprecateVersion } from '#lib/chain/actions/models/deprecate-version.ts';
import { describeDatanet } from '#lib/chain/actions/datanets/describe-datanet.ts';
import { executeProposal } from '#lib/chain/actions/governance/execute-proposal.ts';
import { invoke } from '#lib/chain/actions/settlement/invoke.ts';
import { judge } from '#lib/chain/actions/datanets/judge.ts';
import { judgeBatch } from '#lib/chain/actions/datanets/judge-batch.ts';
import { openChannel } from '#lib/chain/actions/settlement/open-channel.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { proposalIdOf, type Proposal } from '#lib/chain/actions/governance/proposal.ts';
import { propose } from '#lib/chain/actions/governance/propose.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { publishModel } from '#lib/chain/actions/models/publish-model.ts';
import { queueProposal } from '#lib/chain/actions/governance/queue-proposal.ts';
import { redeem } from '#lib/chain/actions/settlement/redeem.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { requestClose } from '#lib/chain/actions/settlement/request-close.ts';
import { seasonPayoutCalls, startSeasonCall } from '#lib/chain/actions/quests/season-calls.ts';
import { setAccess } from '#lib/chain/actions/datanets/set-access.ts';
import { setCurator } from '#lib/chain/actions/datanets/set-curator.ts';
import { setPrice } from '#lib/chain/actions/models/set-price.ts';
import { setRelayer } from '#lib/chain/actions/settlement/set-relayer.ts';
import { signAward } from '#lib/chain/actions/quests/sign-award.ts';
import { SANDBOX_PARTIES } from '#lib/chain/deploy/sandbox-parties.ts';
import { signContribution } from '#lib/chain/actions/datanets/sign-contribution.ts';
import { stake } from '#lib/chain/actions/staking/stake.ts';
import { topUp } from '#lib/chain/actions/settlement/top-up.ts';
import { transfer } from '#lib/chain/actions/token/transfer.ts';
import { vote } from '#lib/chain/actions/governance/vote.ts';
import { withdrawContribution } from '#lib/chain/actions/datanets/withdraw-contribution.ts';
import { withdrawCredit } from '#lib/chain/actions/settlement/withdraw-credit.ts';
import { readPayments } from '#lib/chain/reads/read-payments.ts';
import { apportion } from '#lib/core/apportion.ts';
import { answerTurn } from '#lib/settlement/answer-turn.ts';
import { auditList, placeInList } from '#lib/settlement/audit-list.ts';
import { buildPot } from '#lib/settlement/build-pot.ts';
import { holderClaims, potClaim, seasonClaims } from '#lib/settlement/claims.ts';
import { showRow } from '#lib/settlement/known-influence.ts';
import { pickTurn } from '#lib/settlement/pick-turn.ts';
import type { TestContext } from './chain-context.ts';
import { alice, bob, carol } from './embedded-chain.ts';
import { expectNothingLost } from './market-books.ts';
import { firstPick, gameAfter, proposedMeta } from './market-game.ts';
import { digest, FAR, lines, liquidity, MODEL, node, sessions, VOUCHERS, vouchers, world } from './market-people.ts';
import { createStage, type Line } from './market-stage.ts';

const DAY = 86_400n;
const people = {
  alice: alice.address,
  bob: bob.address,
  carol: carol.address,
  node: node.address,
  liquidity: liquidity.address,
};
export interface Outcome {
  journal: readonly Line[];
  /** OPEN. */
  balances: Record<string, bigint>;
  /** Ether, after all fees. */
  coins: Record<string, bigint>;
  /** Ether received or sent otherwise than as a fee. */
  moved: Record<string, bigint>;
  /** Of all payments, for contributors. */
  dataWei: bigint;
}

/** Runs the script. The contracts are deployed, and alice, bob and carol have coins. */
export async function runMarketScript(transport: Transport): Promise<Outcome> {
  const { contexts, journal, step, prepare, refused, pass, time, feesOf } = createStage(transport);
  const [maker, payer, helper, operator, bank] = contexts;
  const { read, test, addresses: at } = maker;
  const bring = async (who: TestContext, what: Promise<ActionPlan['steps'][0]>): Promise<ActionPlan> => {
    const one = await what;
    return { verb: one.verb, from: (await who.signer()).account.address, steps: [one] };
  };
  const openOf = (account: Address) =>
    read.readContract({ address: at.OpenToken, abi: openTokenAbi, functionName: 'balanceOf', args: [account] });
  const coinsOf = async (who: typeof people): Promise<Record<string, bigint>> => {
    const held = Object.entries(who).map(
      async ([name, address]) => [name, await read.getBalance({ address })] as const,
    );
    return Object.fromEntries(await Promise.all(held));
  };
  const give = (to: Address, open: string, what: 'OPEN' | 'ETH' = 'OPEN') => ({
    to,
    amountWei: parseEther(open),
    what,
  });

  const coinsBefore = await coinsOf(people);

  await test.setNextBlockTimestamp({ timestamp: time() });
  // Everyone gets an initial balance.
  await prepare(maker, transfer(maker, give(liquidity.address, '50', 'ETH')));
  await prepare(maker, transfer(maker, give(node.address, '50', 'ETH')));
  // On every chain alike, so that votes of the sandbox need no faucet, which is a block of its own.
  await prepare(maker, transfer(maker, give(SANDBOX_PARTIES.investors, '2', 'ETH')));
  await prepare(maker, transfer(maker, give(SANDBOX_PARTIES.team, '2', 'ETH')));
  await prepare(bank, transfer(bank, give(alice.address, '30000')));
  await prepare(bank, transfer(bank, give(bob.address, '20000')));
  await prepare(bank, transfer(bank, give(carol.address, '20000')));
  await prepare(bank, transfer(bank, give(node.address, '5000')));

  // A Datanet, its rows, their review.
  const datanet = 1n;
  const rowsOf = (name: string, rows: number) => ({
    datanet,
    content: digest(name),
    rows,
    rowsRoot: digest(`${name} root`),
  });
  const described = { meta: digest('about'), tags: ['medical', 'german'] };
  await step(
    maker,
    createDatanet(maker, { ...described, licence: 2, curatorBps: 500, isOpen: false, minStakeOpen: 0 }),
  );
  await prepare(maker, describeDatanet(maker, { ...described, datanet, meta: digest('about, better') }));
  await prepare(maker, setCurator(maker, { datanet, curator: carol.address, isAllowed: true }));
  await refused(payer, contribute(payer, rowsOf('rows of bob', 40)), 'Closed');
  await prepare(maker, setAccess(maker, { datanet, isOpen: true, minStakeOpen: 0 }));
  await step(payer, contribute(payer, rowsOf('rows of bob', 40)));
  await prepare(helper, contribute(helper, rowsOf('rows of carol', 30)));
  const gasless = await signContribution(payer, {
    ...rowsOf('signed by bob', 5),
    licence: 2,
    deadline: FAR,
    nonce: 1n,
  });
  await step(operator, bringContributions(operator, [gasless]));
  const batch = {
    datanet,
    contributions: [
      (await signContribution(payer, { ...rowsOf('batch of bob', 7), licence: 2, deadline: FAR, nonce: 2n })).terms,
      (await signContribution(helper, { ...rowsOf('batch of carol', 8), licence: 2, deadline: FAR, nonce: 1n })).terms,
    ],
  };
  await step(maker, contributeBatch(maker, batch));
  const verdicts = [
    { contribution: 1, isAccepted: true },
    { contribution: 2, isAccepted: true },
    { contribution: 3, isAccepted: false, reason: 'rows 2 and 4 say the same' },
  ];
  await step(helper, judge(helper, { datanet, verdicts }));
  await step(payer, appeal(payer, { datanet, contribution: 3, reason: 'they differ in the dose' }));
  await step(maker, judge(maker, { datanet, verdicts: [{ contribution: 3, isAccepted: true }] }));
  const { root } = batchTree(batch.contributions);
  await step(maker, judgeBatch(maker, { datanet, sender: alice.address, root, accepted: 2, decisions: null }));
  await step(helper, withdrawContribution(helper, { batch, place: 1 }));
  const version = {
    datanet,
    manifest: digest('manifest'),
    rowsRoot: digest('rows'),
    sharesRoot: world.shares.sharesRoot,
    rows: world.rows.length,
    parent: 0,
  };
  await step(maker, publishDatanet(maker, version));
  await refused(helper, publishDatanet(helper, { ...version, manifest: digest('other') }), 'NotLatest');

  // A model made from it.
  const terms = { payout: alice.address, devBps: 5000, dataBps: 4000, nodeBps: 1000 };
  const release = {
    adapter: digest('adapter'),
    manifest: digest('model'),
    rank: 16,
    sizeKiB: 900,
    quant: 0,
    ...world.lineage,
  };
  const prices = { perCallWei: parseEther('0.01'), per1kTokensWei: 0n };
  await step(maker, addBase(maker, { family: 'llama', architecture: digest('config'), licence: 11 }));
  await step(maker, registerModel(maker, { base: 1, licence: 2, terms, first: release, ...prices }));
  const next = { ...release, adapter: digest('adapter 2'), parent: { model: MODEL, version: 1 } };
  await step(maker, publishModel(maker, { model: MODEL, release: next }));
  const { influence, threshold } = world.known;
  const commitment = {
    ...{ model: MODEL, version: 1, artefact: digest('artefact'), influenceRoot: influence.root },
    ...{ rows: influence.rows.length, threshold: BigInt(threshold), rhoBps: 8000 },
  };
  await step(maker, commitInfluence(maker, commitment));
  await refused(maker, commitInfluence(maker, { ...commitment, rhoBps: 1 }), 'AlreadyCommitted');
  const demanded = { model: MODEL, version: 1, index: 5 };
  await step(helper, demandRow(helper, demanded));
  await step(operator, answerDemand(operator, { ...demanded, shown: showRow(world.known, 5) }));
  await prepare(operator, withdrawNative(operator, 'InfluenceBook'));
  await step(maker, setPrice(maker, { model: MODEL, ...prices, per1kTokensWei: 5n }));
  const quote = () => quoteSplit(maker, { model: MODEL, version: 1 }, 10_000n);
  await step(maker, announceTerms(maker, { model: MODEL, terms: { ...terms, devBps: 4000, dataBps: 5000 } }));
  expect((await quote()).devWei).toBe(4850n);
  await step(maker, deprecateVersion(maker, { model: MODEL, version: 2 }));
  // Announced terms and committed influence come into force by time alone.
  await pass(5n * DAY);
  expect((await quote()).devWei).toBe(3880n);

  // A node, channels, 500 vouchers for 10,000 calls, and their payouts.
  await step(operator, stake(operator, { amountWei: parseEther('1000'), peerId: digest('peer'), caps: 0 }));
  const to = (name: keyof typeof sessions, open: string) => ({
    node: node.address,
    signer: sessions[name].address,
    amountWei: parseEther(open),
  });
  await step(payer, openChannel(payer, to('bob', '60')));
  await step(bank, openChannel(bank, { ...to('liquidity', '80'), permitUntil: FAR }));
  const signedFor = { validBefore: FAR, salt: digest('salt') };
  await step(operator, bring(operator, authorizeChannel(helper, { ...to('carol', '10'), ...signedFor })));
  await step(payer, topUp(payer, to('bob', '20')));
  await prepare(operator, setRelayer(operator, { relayer: carol.address, isAllowed: true }));
  const all = await vouchers(at.Settlement);
  const half = VOUCHERS / 2;
  await step(operator, redeem(operator, { node: node.address, vouchers: all.slice(0, half) }));
  await step(helper, redeem(helper, { node: node.address, vouchers: all.slice(half) }));
  await refused(operator, redeem(operator, { node: node.address, vouchers: all.slice(0, 1) }), 'WrongBase');
  const call = { model: MODEL, version: 1, node: node.address, amountWei: parseEther('0.5') };
  await step(payer, invoke(payer, { ...call, callHash: digest('call of bob') }));
  const byCarol = { ...call, callHash: digest('call of carol'), ...signedFor };
  await step(operator, bring(operator, authorizeInvocation(helper, byCarol)));
  await step(payer, requestClose(payer, to('bob', '1')));
  await step(payer, cancelClose(payer, to('bob', '1')));
  await prepare(payer, requestClose(payer, to('bob', '1')));
  await step(maker, withdrawCredit(maker, { to: alice.address }));
  await step(bank, withdrawCredit(bank, { account: at.TimelockController }));

  // A pot, a false list first.
  const readAll = async () =>
    readPayments(maker, { fromBlock: 0n, toBlock: await read.getBlockNumber({ cacheTime: 0 }) });
  const open = await readAll();
  expect(open.payments.map(({ calls }) => calls)).toEqual([BigInt(2 * VOUCHERS), BigInt(2 * VOUCHERS), 1n, 1n]);
  expect(open.pots.map(({ id, redemptions }) => [id, redemptions.length])).toEqual([[null, 2]]);
  const toBlock = await read.getBlockNumber({ cacheTime: 0 });
  const { hash } = open.pots[0]!.redemptions[1]!;
  const { blockNumber: fromBlock } = await read.getTransactionReceipt({ hash });
  await expect(readPayments(maker, { fromBlock, toBlock })).rejects.toThrow('is another');
  await step(operator, sealPot(operator, { node: node.address, model: MODEL, version: 1 }));
  const { payments, pots } = await readAll();
  const [sealed] = pots;
  const { id, word } = sealed!;
  expect([pots.length, id]).toEqual([1, 1n]);
  const receipts = new Map(lines.map((line) => [line.receipts, line]));
  const redemptions = sealed!.redemptions.map(({ record, lines: paid }) => ({
    record,
    lines: paid.map((line) => receipts.get(line.receipts)!),
  }));
  const pot = buildPot(redemptions, { word, ledger: at.AttributionLedger }, world.known);
  const records = redemptions.map(({ record }) => record);
  const listOf = (list: readonly bigint[]) => ({ id: id!, records, list, dataHash: digest('receipts') });

  // The node moves all of the first account to the second.
  const [first, second, ...others] = pot.list;
  const lie = [
    ((first! >> 96n) << 96n) | 1_000_000_000_000_000_000n,
    second! + BigInt.asUintN(96, first!) - 1_000_000_000_000_000_000n,
    ...others,
  ];
  await step(operator, proposeList(operator, listOf(lie)));
  const falseMeta = proposedMeta(journal);
  await refused(operator, proposeList(operator, listOf(pot.list)), 'AlreadyProposed');
  const [worst] = auditList(pot, lie);
  const asked = { meta: falseMeta, account: getAddress(worst!.account), place: placeInList(lie, worst!.account) };
  await step(payer, challengeAccount(payer, asked));
  const question = gameAfter(journal, falseMeta)!;
  const truth = answerTurn(pot, question.turn);
  await refused(operator, answerQuestion(operator, { move: question, answer: truth }), 'DoNotAddUp');
  await pass(4n * DAY);
  await step(payer, endGame(payer, question));
  await prepare(payer, collectReward(payer, question));

  // The true list: a question is answered down to a row.
  await step(operator, proposeList(operator, listOf(pot.list)));
  const meta = proposedMeta(journal);
  const account = carol.address;
  await step(payer, challengeAccount(payer, { meta, account, place: placeInList(pot.list, account) }));
  for (let move = gameAfter(journal, meta); move; move = gameAfter(journal, meta)) {
    await prepare(operator, answerQuestion(operator, { move, answer: answerTurn(pot, move.turn) }));
    const next = gameAfter(journal, meta);
    if (!next) break;
    const pick = firstPick(journal);
    const said = pick.name === 'pick' ? { numbers: pick.numbers } : null;
    if (said) expect(pickTurn(pot, next.turn, said), 'nothing is false').toBeNull();
    await prepare(payer, pickQuestion(payer, { move: next, pick }));
  }
  await refused(maker, finalizeList(maker, meta), 'WindowNotOver');
  await pass(2n * DAY);
  await step(payer, finalizeList(payer, meta));
  await prepare(operator, withdrawNative(operator, 'AttributionCourt'));
  for (const [who, holder] of [
    [payer, bob],
    [maker, carol],
  ] as const) {
    const claims = [potClaim(id!, pot.list, holder.address)];
    await step(who, claimPots(who, { account: holder.address, claims }));
  }
  await step(maker, spreadFlat(maker, world.lineage));
  const [holder] = holderClaims(world.holders, alice.address);
  await step(maker, claimFlat(maker, { datanet, version: 1, holder: holder! }));
  await prepare(maker, withdrawShares(maker, alice.address));
  await step(payer, closeChannel(payer, to('bob', '1')));

  // Quests, and governance that pays out their season.
  const quest = { meta: digest('quest'), points: 100, cap: 1000, from: 0, to: Number(FAR), check: null };
  await prepare(helper, addQuest(helper, quest));
  await prepare(helper, addQuest(helper, { ...quest, check: at.NodeWorked }));
  const award = { quest: 0n, points: 60, deadline: FAR };
  await step(helper, awardMany(helper, [{ ...award, who: bob.address, nonce: 1n }]));
  const promised = await signAward(helper, { ...award, who: alice.address, points: 100, nonce: 2n });
  await step(bank, bringAward(bank, promised));
  await step(operator, completeQuest(operator, 1n));

  const points = [alice, bob, node].map(({ address }, place) => ({ address, points: [100n, 60n, 100n][place]! }));
  const parts = apportion(
    parseEther('2000000'),
    points.map((one) => one.points),
  );
  const rewards = points
    .map(({ address }, place) => ({ account: address, amountWei: parts[place]! }))
    .sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
  const season = seasonClaims(rewards);
  const governed = [
    ...seasonPayoutCalls(at, { season: 0n, root: season.root, totalWei: season.totalWei }),
    startSeasonCall(at),
    { target: at.Settlement, data: encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args: [250] }) },
  ];
  const proposal: Proposal = {
    targets: governed.map(({ target }) => target),
    valuesWei: governed.map(() => 0n),
    calldatas: governed.map(({ data }) => data),
    description: '# Season 0\n\nPay it out, start the next one, lower the fee.',
  };
  await sandboxVotes({ ...bank, mode: 'embedded' }, liquidity.address);
  await pass(60n);
  await step(bank, propose(bank, proposal));
  await pass(DAY + 1n);
  await step(bank, vote(bank, { proposalId: proposalIdOf(proposal), support: 'for' }));
  await pass(6n * DAY);
  await step(bank, queueProposal(bank, proposal));
  await pass(2n * DAY);
  await step(payer, executeProposal(payer, proposal));
  await step(payer, claimSeason(payer, { season: 0n, proof: season.of(bob.address) }));
  await step(operator, claimSeason(operator, { season: 0n, proof: season.of(alice.address) }));

  const everyone = { ...people, ...at };
  const balances: Record<string, bigint> = {};
  for (const [name, address] of Object.entries(everyone)) balances[name] = await openOf(address);
  const coins = await coinsOf(people);
  const moved = Object.fromEntries(
    Object.entries(people).map(([name, address]) => [
      name,
      coins[name]! - coinsBefore[name]! + (feesOf.get(address) ?? 0n),
    ]),
  );
  await expectNothingLost(maker, pot.poolWei);
  return { journal, balances, coins, moved, dataWei: payments.reduce((sum, paid) => sum + paid.dataWei, 0n) };
}
