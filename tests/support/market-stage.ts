// Runs the sixty steps: the participants on one chain, its clock, each step to its end, and the journal of results.

import { getAddress, parseEther, type Address, type Hex, type Transport } from 'viem';
import { expect } from 'vitest';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import type { TxRecord } from '#lib/chain/tx/record.ts';
import { contextOver, runToEnd, type TestContext } from './chain-context.ts';
import { alice, bob, carol, GENESIS_SECONDS } from './embedded-chain.ts';
import { liquidity, node } from './market-people.ts';

export interface Line {
  step: number;
  verb: string;
  explanation: string;
  outcome: string;
  gasUsed?: bigint;
  logs?: { address: Address; topics: Hex[]; data: Hex }[];
}

const ANSWER_FEE = parseEther('0.05');

/** Fees for answers follow the base fee, which differs between chains: here all pay the same, which is more than enough. */
function atOneFee(plan: ActionPlan): ActionPlan {
  const last = plan.steps.at(-1)!;
  if (last.valueWei === 0n || !FEES.has(last.verb)) return plan;
  const explanation = last.explanation.replace(/[\d.,]+ ETH/, '0.05 ETH');
  const [first, ...more] = [...plan.steps.slice(0, -1), { ...last, explanation, valueWei: ANSWER_FEE }];
  return { ...plan, steps: [first, ...more] };
}
const FEES = new Set(['commit-influence', 'demand-row', 'propose-list', 'challenge-account']);

export function createStage(transport: Transport) {
  const journal: Line[] = [];
  let steps = 0;
  let time = BigInt(GENESIS_SECONDS) + 600n;
  const feesOf = new Map<Address, bigint>();
  const as = (account: Parameters<typeof contextOver>[1]) => contextOver(transport, account);
  const contexts = [as(alice), as(bob), as(carol), as(node), as(liquidity)] as const;
  const { read, test } = contexts[0];

  const pass = async (seconds: bigint) => {
    time += seconds;
    await test.setNextBlockTimestamp({ timestamp: time });
    await read.request({ method: 'evm_mine', params: [] } as never);
  };
  /** Sends each transaction at its own second; returns the last one's record. */
  const runSteps = async (who: TestContext, plan: ActionPlan): Promise<TxRecord> => {
    const [one, ...more] = plan.steps;
    await test.setNextBlockTimestamp({ timestamp: (time += 12n) });
    const record = (await runToEnd(who, { ...plan, steps: [one] }))[0]!;
    const { verb, explanation, state } = record;
    if (state.status !== 'safe') return record;
    feesOf.set(record.from, (feesOf.get(record.from) ?? 0n) + BigInt(state.feeWei));
    const { gasUsed, logs } = await read.getTransactionReceipt({ hash: state.hash });
    const plain = logs.map(({ address, topics, data }) => ({ address: getAddress(address), topics, data }));
    journal.push({ step: steps, verb, explanation, outcome: 'done', gasUsed, logs: plain });
    const [next, ...last] = more;
    return next ? runSteps(who, { ...plan, steps: [next, ...last] }) : record;
  };
  /** Preparation of a step. */
  const prepare = async (who: TestContext, planned: Promise<ActionPlan>) => {
    const { state, explanation } = await runSteps(who, atOneFee(await planned));
    expect(state, `${steps}. ${explanation}: ${JSON.stringify(state)}`).toMatchObject({ status: 'safe' });
  };
  /** One step that succeeds. */
  const step = (who: TestContext, planned: Promise<ActionPlan>) => {
    steps += 1;
    return prepare(who, planned);
  };
  /** A step that the contracts refuse with this message. */
  const refused = async (who: TestContext, planned: Promise<ActionPlan>, name: string) => {
    steps += 1;
    const { state, verb, explanation } = await runSteps(who, atOneFee(await planned));
    if (state.status !== 'simulation-failed') throw new Error(`${steps}. ${explanation}: ${state.status}`);
    expect(state.failure.name, `${steps}. ${explanation}`).toBe(name);
    journal.push({ step: steps, verb, explanation, outcome: state.failure.message });
  };

  return {
    /** Of alice, bob, carol, the node, and who holds the liquidity. */
    contexts,
    journal,
    pass,
    prepare,
    step,
    refused,
    time: () => time,
    /** Ether each account has paid in fees. */
    feesOf,
  };
}
