// Sends several steps of a plan as one batch if the wallet supports it (EIP-5792): one approval, one signature, all or none.

import { isHash, TransactionNotFoundError, type Hash } from 'viem';
import type { ActionPlan, Step } from './plan.ts';
import type { ChainContext, Signer } from '../context.ts';
import { batchData } from './delegation.ts';
import type { TxEvent } from './machine.ts';

/** A local key only signs transactions; other wallets report their capabilities. */
async function sendsTogether(signer: Signer, chainId: number): Promise<boolean> {
  if (signer.account.type === 'local') return false;
  try {
    const { atomic } = await signer.getCapabilities({ account: signer.account, chainId });
    return atomic?.status === 'supported' || atomic?.status === 'ready';
  } catch {
    // The wallet does not implement EIP-5792 or does not report capabilities.
    return false;
  }
}

/** The plan with its steps joined into one; unchanged when it has one step, or when batches are not supported. */
export async function joinSteps(context: ChainContext, plan: ActionPlan): Promise<ActionPlan> {
  const { verb, from, steps } = plan;
  if (steps.length === 1) return plan;
  const { read, chain, addresses } = context;
  if (!(await sendsTogether(await context.signer(), chain.id))) return plan;
  // Without this contract a batch could not be simulated before it is sent.
  if (!(await read.getCode({ address: addresses.DeviceAccount }))) return plan;
  const [first, ...later] = steps.map((step) => step.explanation);
  const explanation = [first, ...later.map((words) => words.replace(/^You\b/, 'you'))].join('; and ');
  return { verb, from, steps: [{ verb, explanation, to: from, data: batchData(steps), valueWei: 0n, calls: steps }] };
}

/** Sends the calls to the wallet; returns its id for the batch. */
export async function sendTogether(signer: Signer, { chain }: ChainContext, calls: readonly Step[]): Promise<string> {
  const { id } = await signer.sendCalls({
    account: signer.account,
    chain,
    forceAtomic: true,
    calls: calls.map(({ to, data, valueWei }) => ({ to, data, value: valueWei })),
  });
  return id;
}

/** The outcome of a batch; undefined while the wallet does not know it. */
export async function outcomeOf(
  signer: Signer,
  { read }: Pick<ChainContext, 'read'>,
  batch: string,
): Promise<Extract<TxEvent, { kind: 'submitted' | 'not-sent' }> | undefined> {
  // Wallets that send a batch as one transaction often use that transaction's hash as id.
  if (isHash(batch) && (await isTransaction(read, batch))) return { kind: 'submitted', hash: batch };
  const { statusCode, receipts = [] } = await signer.getCallsStatus({ id: batch });
  const hash = receipts.at(-1)?.transactionHash;
  if (hash) return { kind: 'submitted', hash };
  if (statusCode < 400) return undefined;
  const message = `The wallet could not carry it out (status ${statusCode}).`;
  return { kind: 'not-sent', failure: { name: 'tx/batch-failed', message } };
}

async function isTransaction(read: ChainContext['read'], hash: Hash): Promise<boolean> {
  try {
    await read.getTransaction({ hash });
    return true;
  } catch (error) {
    if (error instanceof TransactionNotFoundError) return false;
    throw error;
  }
}
