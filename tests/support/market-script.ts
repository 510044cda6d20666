// Sixty steps through all functions of the contracts, with the app's own actions: from a Datanet to the claim of a season. Runs
// on any chain that follows the given clock, and records the results in a journal.

import { encodeFunctionData, parseEther, type Address, type Transport } from 'viem';
import { expect } from 'vitest';
import { attributionLedgerAbi } from '#lib/chain/abi/attribution-ledger.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { addQuest } from '#lib/chain/actions/quests/add-quest.ts';
import { announceTerms } from '#lib/chain/actions/models/announce-terms.ts';
import { appeal } from '#lib/chain/actions/datanets/appeal.ts';
import { applyTerms } from '#lib/chain/actions/models/apply-terms.ts';
import { authorizeChannel } from '#lib/chain/actions/settlement/authorize-channel.ts';
import { authorizeInvocation } from '#lib/chain/actions/settlement/authorize-invocation.ts';
import { awardMany } from '#lib/chain/actions/quests/award-many.ts';
import { bringAward } from '#lib/chain/actions/quests/bring-award.ts';
import { bringContributions } from '#lib/chain/actions/datanets/bring-contributions.ts';
import { challenge } from '#lib/chain/actions/settlement/challenge.ts';
import { claim } from '#lib/chain/actions/settlement/claim.ts';
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
import { finalizeEpoch } from '#lib/chain/actions/settlement/finalize-epoch.ts';
import { invoke } from '#lib/chain/actions/settlement/invoke.ts';
import { judge } from '#lib/chain/actions/datanets/judge.ts';
import { judgeBatch } from '#lib/chain/actions/datanets/judge-batch.ts';
import { openChannel } from '#lib/chain/actions/settlement/open-channel.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { proposalIdOf, type Proposal } from '#lib/chain/actions/governance/proposal.ts';
import { propose } from '#lib/chain/actions/governance/propose.ts';
import { proposeEpoch } from '#lib/chain/actions/settlement/propose-epoch.ts';
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
import { signContribution } from '#lib/chain/actions/datanets/sign-contribution.ts';
import { stake } from '#lib/chain/actions/staking/stake.ts';
import { sweepData } from '#lib/chain/actions/settlement/sweep-data.ts';
import { topUp } from '#lib/chain/actions/settlement/top-up.ts';
import { transfer } from '#lib/chain/actions/token/transfer.ts';
import { vetoEpoch } from '#lib/chain/actions/settlement/veto-epoch.ts';
import { vote } from '#lib/chain/actions/governance/vote.ts';
import { withdrawContribution } from '#lib/chain/actions/datanets/withdraw-contribution.ts';
import { withdrawCredit } from '#lib/chain/actions/settlement/withdraw-credit.ts';
import { readPayments } from '#lib/chain/reads/read-payments.ts';
import { apportion } from '#lib/core/apportion.ts';
import { ZERO_HASH } from '#lib/formats/payment/epoch-leaves.ts';
import { hashProposal } from '#lib/formats/payment/epoch-proposal.ts';
import { auditEpoch } from '#lib/settlement/audit-epoch.ts';
import { buildEpoch, type PaidCall } from '#lib/settlement/build-epoch.ts';
import { createClaimProofs } from '#lib/settlement/claim-proof.ts';
import { proposalOf, sealEpoch, type FinalAccounts } from '#lib/settlement/epoch.ts';
import type { TestContext } from './chain-context.ts';
import { alice, bob, carol } from './embedded-chain.ts';
import { expectNothingLost } from './market-books.ts';
import {
  digest,
  FAR,
  influence,
  lineage,
  liquidity,
  MODEL,
  node,
  sessions,
  vectors,
  VOUCHERS,
  vouchers,
} from './market-people.ts';
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
  await step(maker, setCurator(maker, { datanet, curator: carol.address, isAllowed: true }));
  await refused(payer, contribute(payer, rowsOf('rows of bob', 40)), 'Closed');
  await step(maker, setAccess(maker, { datanet, isOpen: true, minStakeOpen: 0 }));
  await step(payer, contribute(payer, rowsOf('rows of bob', 40)));
  await step(helper, contribute(helper, rowsOf('rows of carol', 30)));
  const gasless = await signContribution(payer, { ...rowsOf('signed by bob', 5), licence: 2, deadline: FAR });
  await step(operator, bringContributions(operator, [gasless]));
  const batch = {
    datanet,
    contributions: [
      (await signContribution(payer, { ...rowsOf('batch of bob', 7), licence: 2, deadline: FAR })).terms,
      (await signContribution(helper, { ...rowsOf('batch of carol', 8), licence: 2, deadline: FAR })).terms,
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
    sharesRoot: digest('shares'),
    rows: 82,
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
    ...lineage,
  };
  const prices = { perCallWei: parseEther('0.01'), per1kTokensWei: 0n };
  await step(maker, addBase(maker, { family: 'llama', architecture: digest('config'), licence: 11 }));
  await step(maker, registerModel(maker, { base: 1, licence: 2, terms, first: release, ...prices }));
  const next = { ...release, adapter: digest('adapter 2'), parent: { model: MODEL, version: 1 } };
  await step(maker, publishModel(maker, { model: MODEL, release: next }));
  const commitment = { artefact: digest('artefact'), influenceRoot: influence.root, rhoBps: 8000 };
  await step(maker, commitInfluence(maker, { model: MODEL, version: 1, ...commitment }));
  await step(maker, setPrice(maker, { model: MODEL, ...prices, per1kTokensWei: 5n }));
  await step(maker, announceTerms(maker, { model: MODEL, terms: { ...terms, devBps: 4000, dataBps: 5000 } }));
  await refused(maker, applyTerms(maker, MODEL), 'TermsNotDue');
  await step(maker, deprecateVersion(maker, { model: MODEL, version: 2 }));

  // A node, channels, 500 vouchers for 10,000 calls, and their payouts.
  await step(operator, stake(operator, { amountWei: parseEther('1000'), peerId: digest('peer'), caps: 0 }));
  const to = (name: keyof typeof sessions, open: string) => ({
    node: node.address,
    signer: sessions[name].address,
    amountWei: parseEther(open),
  });
  const firstBlock = await read.getBlockNumber({ cacheTime: 0 });
  await step(payer, openChannel(payer, to('bob', '60')));
  await step(bank, openChannel(bank, { ...to('liquidity', '80'), permitUntil: FAR }));
  const signedFor = { validBefore: FAR, salt: digest('salt') };
  await step(operator, bring(operator, authorizeChannel(helper, { ...to('carol', '10'), ...signedFor })));
  await step(payer, topUp(payer, to('bob', '20')));
  await step(operator, setRelayer(operator, { relayer: carol.address, isAllowed: true }));
  const all = await vouchers(at.Settlement);
  const half = VOUCHERS / 2;
  await step(operator, redeem(operator, { node: node.address, vouchers: all.slice(0, half) }));
  await step(helper, redeem(helper, { node: node.address, vouchers: all.slice(half) }));
  await refused(operator, redeem(operator, { node: node.address, vouchers: all.slice(0, 1) }), 'WrongBase');
  const call = { model: MODEL, node: node.address, amountWei: parseEther('0.5') };
  await step(payer, invoke(payer, { ...call, callHash: digest('call of bob') }));
  const asked = { ...call, callHash: digest('call of carol'), ...signedFor };
  await step(operator, bring(operator, authorizeInvocation(helper, asked)));
  await step(payer, requestClose(payer, to('bob', '1')));
  await step(maker, withdrawCredit(maker, { to: alice.address }));
  await step(bank, withdrawCredit(bank, { account: at.TimelockController }));
  await step(maker, sweepData(maker));

  // An epoch, a false one first.
  await pass(3600n);
  const ledger = { address: at.AttributionLedger, abi: attributionLedgerAbi } as const;
  const last = await read.readContract({ ...ledger, functionName: 'lastEpoch' });
  const range = { from: last + 1n, to: time() / 3600n - 1n };
  const toBlock = await read.getBlockNumber({ cacheTime: 0 });
  const { payments, dataParts } = await readPayments(maker, { fromBlock: firstBlock, toBlock, ...range });
  expect(payments).toHaveLength(VOUCHERS + 2);
  const some = readPayments(maker, { fromBlock: toBlock - 4n, toBlock, ...range });
  await expect(some).rejects.toThrow('do not make what the Settlement has in its books');
  const calls = dataParts.flatMap(({ hash, dataWei }): PaidCall[] => {
    const paid = payments.filter((one) => one.hash === hash);
    const pools = apportion(
      dataWei,
      paid.map(({ amountWei }) => amountWei),
    );
    return paid.map(({ receipts }, place) => ({
      callId: receipts,
      model: MODEL,
      version: 1,
      influence,
      lineage,
      vector: { scale: 256, values: vectors[payments.findIndex((one) => one.receipts === receipts)]! },
      threshold: 0n,
      poolWei: pools[place]!,
    }));
  });
  const previous: FinalAccounts = { root: ZERO_HASH, totalWei: 0n, accounts: [] };
  const epoch = sealEpoch(buildEpoch(calls, previous.accounts));
  const honest = proposalOf(epoch, range, previous, digest('leaves'));
  const budgetWei = dataParts.reduce((sum, { dataWei }) => sum + dataWei, 0n);
  const records = { budgetWei, previous, versionOf: () => ({ influence, lineage }) };
  expect([...auditEpoch(honest, epoch, records)]).toEqual([]);

  // Carol tries to move a wei of everyone to herself.
  const others = BigInt(epoch.accounts.length - 1);
  const greedy = epoch.accounts.map(({ account, cumulativeWei }) => ({
    account,
    cumulativeWei: cumulativeWei + (BigInt(account) === BigInt(carol.address) ? others : -1n),
  }));
  const falseEpoch = sealEpoch({ ...epoch, accounts: greedy });
  const lie = proposalOf(falseEpoch, range, previous, digest('other leaves'));
  const [proof] = auditEpoch(lie, falseEpoch, records);
  expect(proof?.proof).toBe('proveAccount');
  await step(helper, proposeEpoch(helper, lie));
  await refused(maker, proposeEpoch(maker, honest), 'ProposalPending');
  await step(payer, challenge(payer, { proposal: lie, proof: proof! }));
  // Fraud beyond all proofs is vetoed by the guardian, Bob.
  const hidden = { ...honest, dataHash: digest('leaves that nobody can see') };
  await prepare(helper, proposeEpoch(helper, hidden));
  await step(payer, vetoEpoch(payer, hashProposal(hidden)));
  await step(maker, proposeEpoch(maker, honest));
  await refused(payer, challenge(payer, { proposal: honest, proof: { proof: 'proveBudget', args: [] } }), 'NoFraud');
  await refused(maker, finalizeEpoch(maker, honest), 'WindowOpen');
  await pass(DAY);
  await step(payer, finalizeEpoch(payer, honest));
  const proofs = createClaimProofs(epoch.accounts);
  await step(payer, claim(payer, proofs.of(bob.address)));
  await step(maker, claim(maker, [proofs.of(alice.address), proofs.of(carol.address)]));
  await refused(payer, claim(payer, proofs.of(bob.address)), 'NothingToClaim');
  await step(payer, closeChannel(payer, to('bob', '1')));
  await pass(3n * DAY);
  await step(maker, applyTerms(maker, MODEL));

  // Quests, and governance that pays out their season.
  const quest = { meta: digest('quest'), points: 100, cap: 1000, from: 0, to: Number(FAR), check: null };
  await prepare(helper, addQuest(helper, quest));
  await prepare(helper, addQuest(helper, { ...quest, check: at.NodeStaked }));
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
    .map(({ address }, place) => ({ account: address, cumulativeWei: parts[place]! }))
    .sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
  const season = createClaimProofs(rewards);
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
  await expectNothingLost(maker, balances['Settlement']!);
  return { journal, balances, coins, moved };
}
