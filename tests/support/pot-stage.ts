// The game about pots on a test's chain, with the deployed contracts and the app's own actions: a model with committed influence, a
// payer, a node that proposes and a watcher that asks. What was said is read from the court's events.

import { custom, parseEther, parseEventLogs, type Log } from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { expect } from 'vitest';
import { attributionCourtAbi } from '#lib/chain/abi/attribution-court.ts';
import { attributionLedgerAbi } from '#lib/chain/abi/attribution-ledger.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { commitInfluence } from '#lib/chain/actions/models/commit-influence.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { answerQuestion } from '#lib/chain/actions/settlement/answer-question.ts';
import { challengeAccount } from '#lib/chain/actions/settlement/challenge-account.ts';
import { endGame } from '#lib/chain/actions/settlement/end-game.ts';
import { finalizeList } from '#lib/chain/actions/settlement/finalize-list.ts';
import { openChannel } from '#lib/chain/actions/settlement/open-channel.ts';
import { pickQuestion } from '#lib/chain/actions/settlement/pick-question.ts';
import { proposeList } from '#lib/chain/actions/settlement/propose-list.ts';
import { redeem } from '#lib/chain/actions/settlement/redeem.ts';
import { sealPot } from '#lib/chain/actions/settlement/seal-pot.ts';
import { transfer } from '#lib/chain/actions/token/transfer.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { compactSignature, voucherTypedData, type Voucher } from '#lib/chain/vouchers/voucher.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { PayableError } from '#lib/core/errors.ts';
import { unpackNumbers } from '#lib/formats/payment/answer-numbers.ts';
import type { CourtAnswer, CourtPick, GameMove, GameTurn, ProposalMeta } from '#lib/formats/payment/court-game.ts';
import { splitPayment } from '#lib/formats/payment/payment-split.ts';
import { readRecordTerms } from '#lib/formats/payment/pot.ts';
import { answerTurn } from '#lib/settlement/answer-turn.ts';
import { placeInList } from '#lib/settlement/audit-list.ts';
import { buildPot, type BuiltPot, type PublishedLine, type PublishedRedemption } from '#lib/settlement/build-pot.ts';
import type { Said } from '#lib/settlement/pick-turn.ts';
import { contextOver, deployAll, runToEnd, type TestContext } from './chain-context.ts';
import { alice, bob, carol, clientsOver, createTestNode } from './embedded-chain.ts';
import { createPotWorld, THRESHOLD, type PotWorld, type WorldSize } from './pot-world.ts';

const PHRASE = 'test test test test test test test test test test test junk';
export const nodeAccount = mnemonicToAccount(PHRASE, { addressIndex: 3 });
/** Holds OPEN from the start. */
const liquidity = mnemonicToAccount(PHRASE, { addressIndex: 6 });
const session = privateKeyToAccount(`0x${'5e'.repeat(32)}`);
const MODEL = 1n;
const TERMS = { devBps: 5000, dataBps: 4000, nodeBps: 1000 };
const RHO_BPS = 8000;
export const DAY = 86_400n;
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;

export const isOpen = ({ outcome }: Standing): boolean => outcome === 'open';

/** How a game stands: its state, and what was said last. */
export interface Standing {
  move: GameMove;
  said: Said | null;
  /** Who lost it, once it is over. */
  outcome: 'open' | 'challenger lost' | 'proposer convicted';
}

export interface PotStage {
  world: PotWorld;
  people: Record<'maker' | 'payer' | 'watcher' | 'node', TestContext>;
  pass(seconds: bigint): Promise<void>;
  /** Sends a plan; its logs, or the name of the error by which it was refused. */
  send(who: TestContext, plan: Promise<ActionPlan>): Promise<Log[]>;
  attempt(who: TestContext, plan: Promise<ActionPlan>): Promise<Log[] | string>;
  openOf(account: Hex): Promise<bigint>;
  redeemLines(lines: readonly PublishedLine[]): Promise<PublishedRedemption>;
  seal(redemptions: readonly PublishedRedemption[]): Promise<{ id: bigint; pot: BuiltPot }>;
  propose(
    id: bigint,
    pot: BuiltPot,
    list?: readonly bigint[],
  ): Promise<{ meta: ProposalMeta; list: readonly bigint[] }>;
  challenge(meta: ProposalMeta, list: readonly bigint[], account: Hex): Promise<Standing>;
  /** The proposer's move by what `pot` says; false when the court refuses it. */
  answer(standing: Standing, pot: BuiltPot): Promise<boolean>;
  pick(standing: Standing, pick: CourtPick): Promise<void>;
  timeout(standing: Standing): Promise<void>;
  finalize(meta: ProposalMeta): Promise<void>;
}

export async function createPotStage(seed: number, size: WorldSize): Promise<PotStage> {
  const transport = custom(createTestNode().provider, { retryCount: 0 });
  await deployAll(transport);
  const world = createPotWorld(seed, size);
  const [maker, payer, watcher, node] = [alice, bob, carol, nodeAccount].map((one) => contextOver(transport, one)) as [
    TestContext,
    TestContext,
    TestContext,
    TestContext,
  ];
  const { addresses: at, read, test } = maker;
  let baseWei = 0n;

  const pass = async (seconds: bigint) => {
    const { timestamp } = await read.getBlock();
    await test.setNextBlockTimestamp({ timestamp: timestamp + seconds });
    await read.request({ method: 'evm_mine', params: [] } as never);
  };
  const attempt = async (who: TestContext, plan: Promise<ActionPlan>): Promise<Log[] | string> => {
    const logs: Log[] = [];
    for (const { state } of await runToEnd(who, await plan)) {
      if (state.status === 'simulation-failed') return state.failure.name;
      if (state.status !== 'safe') throw new Error(JSON.stringify(state));
      logs.push(...(await read.getTransactionReceipt({ hash: state.hash })).logs);
    }
    return logs;
  };
  const send = async (who: TestContext, plan: Promise<ActionPlan>): Promise<Log[]> => {
    const logs = await attempt(who, plan);
    if (typeof logs === 'string') throw new Error(`refused: ${logs}`);
    return logs;
  };
  const openOf = (account: Hex) =>
    read.readContract({ address: at.OpenToken, abi: openTokenAbi, functionName: 'balanceOf', args: [account] });

  await setUp();
  return {
    world,
    people: { maker, payer, watcher, node },
    pass,
    send,
    attempt,
    openOf,
    async redeemLines(lines) {
      const voucher: Voucher = {
        payer: bob.address,
        node: nodeAccount.address,
        baseWei,
        lines: lines.map(({ receipts, amountWei, calls }) => ({ modelId: 1, version: 1, receipts, amountWei, calls })),
      };
      const signature = await session.signTypedData(voucherTypedData(node.chain.id, at.Settlement, voucher));
      baseWei += lines.reduce((sum, { amountWei }) => sum + amountWei, 0n);
      const vouchers = [{ ...voucher, ...compactSignature(signature) }];
      const logs = await send(node, redeem(node, { node: nodeAccount.address, vouchers }));
      const [booked] = parseEventLogs({ abi: settlementAbi, logs, eventName: 'Booked' });
      const { record } = booked!.args;
      // The Settlement has cut the money as TypeScript does.
      const { poolWei, keepWei } = splitPayment(record.gross, { ...TERMS, feeBps: 300, rhoBps: RHO_BPS });
      expect(readRecordTerms(record.terms)).toMatchObject({ poolWei, keepWei, lines: lines.length });
      return { record, lines };
    },
    async seal(redemptions) {
      const logs = await send(node, sealPot(node, { node: nodeAccount.address, model: MODEL, version: 1 }));
      const [sealed] = parseEventLogs({ abi: attributionLedgerAbi, logs, eventName: 'Sealed' });
      const { id, pot: sealedWord } = sealed!.args;
      return { id, pot: buildPot(redemptions, { word: sealedWord, ledger: at.AttributionLedger }, world.known) };
    },
    async propose(id, pot, list = pot.list) {
      const records = pot.redemptions.map(({ record }) => record);
      const logs = await send(node, proposeList(node, { id, records, list, dataHash: word('da') }));
      const [proposed] = parseEventLogs({ abi: attributionCourtAbi, logs, eventName: 'Proposed' });
      return { meta: proposed!.args.meta, list: proposed!.args.list };
    },
    async challenge(meta, list, account) {
      const logs = await send(watcher, challengeAccount(watcher, { meta, account, place: placeInList(list, account) }));
      const [asked] = parseEventLogs({ abi: attributionCourtAbi, logs, eventName: 'Challenged' });
      const standing = { move: { game: asked!.args.game, meta }, said: null, outcome: 'open' } as unknown as Standing;
      follow(standing, logs);
      return standing;
    },
    async answer(standing, pot) {
      const { move } = standing;
      const said = answerOf(pot, move.turn);
      const logs = said === null ? 'no answer' : await attempt(node, answerQuestion(node, { move, answer: said }));
      if (typeof logs === 'string') return false;
      follow(standing, logs);
      return true;
    },
    async pick(standing, pick) {
      follow(standing, await send(watcher, pickQuestion(watcher, { move: standing.move, pick })));
    },
    async timeout(standing) {
      await pass(4n * DAY + 1n);
      follow(standing, await send(watcher, endGame(watcher, standing.move)));
    },
    async finalize(meta) {
      await pass(2n * DAY);
      await send(watcher, finalizeList(watcher, meta));
    },
  };

  async function setUp() {
    const about = { name: 'Rows', meta: word('01'), tags: ['rows'] };
    await send(maker, createDatanet(maker, { ...about, licence: 2, curatorBps: 500, isOpen: false, minStakeOpen: 0 }));
    const shares = { sharesRoot: world.shares.sharesRoot, rows: size.rows, rowsRoot: word('02') };
    await send(maker, publishDatanet(maker, { datanet: 1n, manifest: word('03'), ...shares, parent: 0 }));
    await send(maker, addBase(maker, { family: 'llama', architecture: word('04'), licence: 11 }));
    const first = { adapter: word('05'), manifest: word('06'), rank: 8, sizeKiB: 100, quant: 0, ...world.lineage };
    const terms = { payout: alice.address, ...TERMS };
    await send(maker, registerModel(maker, { base: 1, licence: 2, terms, first, perCallWei: 0n, per1kTokensWei: 0n }));
    const { influence } = world.known;
    await send(
      maker,
      commitInfluence(maker, {
        ...{ model: MODEL, version: 1, artefact: word('07'), influenceRoot: influence.root },
        ...{ rows: influence.rows.length, threshold: BigInt(THRESHOLD), rhoBps: RHO_BPS },
      }),
    );
    await pass(5n * DAY);
    const { wallet } = clientsOver(transport);
    for (const { address } of [nodeAccount, liquidity]) {
      await wallet.sendTransactionSync({ to: address, value: parseEther('1000') });
    }
    const bank = contextOver(transport, liquidity);
    for (const { address } of [bob, carol, nodeAccount]) {
      await send(bank, transfer(bank, { to: address, amountWei: parseEther('100000'), what: 'OPEN' }));
    }
    const channel = { node: nodeAccount.address, signer: session.address, amountWei: parseEther('50000') };
    await send(payer, openChannel(payer, channel));
  }
}

/** A liar may have nothing to say: a row that it invented cannot be shown. */
function answerOf(pot: BuiltPot, turn: GameTurn): CourtAnswer | null {
  try {
    return answerTurn(pot, turn);
  } catch (error) {
    if (error instanceof PayableError) return null;
    throw error;
  }
}

/** Takes state, numbers and entries from the court's events, as a watcher does that was not there. */
function follow(standing: Standing, logs: readonly Log[]) {
  for (const { eventName, args } of parseEventLogs({ abi: attributionCourtAbi, logs: [...logs] })) {
    if (eventName === 'Stepped') standing.move = { ...standing.move, turn: args.turn };
    else if (eventName === 'Answered') standing.said = { numbers: unpackNumbers(args.numbers) };
    else if (eventName === 'CallOpened') standing.said = { entries: args.entries, vector: args.vector };
    else if (eventName === 'GameLost') standing.outcome = 'challenger lost';
    else if (eventName === 'Convicted') standing.outcome = 'proposer convicted';
  }
}
