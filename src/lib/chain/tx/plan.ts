// The plan of an action: its transactions in order, each with an explanation. Building a plan changes nothing.

import type { Address } from 'viem';
import type { ChainContext } from '../context.ts';
import { quoteFee, type Call, type FeeQuote } from './fees.ts';
import { batchTrial, type Trial } from './batch-trial.ts';
import { failureOf } from './errors.ts';
import type { Failure } from './record.ts';

/** One transaction. */
export interface Step extends Call {
  verb: string;
  /** Who pays what to whom, as a sentence without its full stop. */
  explanation: string;
  /** The calls of a batch, which succeed or fail together. */
  calls?: readonly Step[];
}

export interface ActionPlan {
  verb: string;
  from: Address;
  steps: readonly [Step, ...Step[]];
}

export type Preview = { ok: true; fee: FeeQuote } | { ok: false; failure: Failure };

/**
 * Simulates a step and estimates its fee. May fail for a later step that needs an earlier one. Never rejects: failures are part
 * of the result.
 */
export async function previewStep(context: ChainContext, from: Address, step: Step): Promise<Preview> {
  try {
    const { to, data, valueWei: value } = step;
    const trial: Trial = step.calls ? await batchTrial(context.read, from, context.addresses.DeviceAccount) : {};
    const override = trial.stateOverride && { stateOverride: trial.stateOverride };
    await context.read.call({ account: from, to, data, value, ...override });
    return { ok: true, fee: await quoteFee(context, from, step, trial) };
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}

/** One transaction of `call`, for any signer. */
export async function planOf(
  context: ChainContext,
  verb: string,
  explanation: string,
  call: Omit<Call, 'valueWei'> & { valueWei?: bigint },
  before: readonly Step[] = [],
): Promise<ActionPlan> {
  const { account } = await context.signer();
  const own: Step = { verb, explanation, valueWei: 0n, ...call };
  const [first, ...rest] = before;
  return { verb, from: account.address, steps: first ? [first, ...rest, own] : [own] };
}
