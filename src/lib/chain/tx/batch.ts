// Several steps of a plan as one, where the wallet can (EIP-5792): one question, one signature, all of them or none.

import { isHash, TransactionNotFoundError, type Hash } from 'viem';
import type { ActionPlan, Step } from './plan.ts';
import type { ChainContext, Signer } from '../context.ts';
import { batchData } from './delegation.ts';
import type { TxEvent } from './machine.ts';

/** A key in this process signs transactions only; what else a wallet can it says itself. */
async function sendsTogether(signer: Signer, chainId: number): Promise<boolean> {
  if (signer.account.type === 'local') return false;
  try {
    const { atomic } = await signer.getCapabilities({ account: signer.account, chainId });
    return atomic?.status === 'supported' || atomic?.status === 'ready';
  } catch {
    // A wallet from before EIP-5792, or one that does not tell.
    return false;
  }
}

/** The plan with its steps joined into one; as it is when it has one step, or where that is not possible. */
export async function joinSteps(context: ChainContext, plan: ActionPlan): Promise<ActionPlan> {
  const { verb, from, steps } = plan;
  if (steps.length === 1) return plan;
  const { read, chain, addresses } = context;
  if (!(await sendsTogether(await context.signer(), chain.id))) return plan;
  // Without it a batch could not be tried before it is sent.
  if (!(await read.getCode({ address: addresses.DeviceAccount }))) return plan;
  const [first, ...later] = steps.map((step) => step.explanation);
  const explanation = [first, ...later.map((words) => words.replace(/^You\b/, 'you'))].join('; and ');
  return { verb, from, steps: [{ verb, explanation, to: from, data: batchData(steps), valueWei: 0n, calls: steps }] };
}

/** Hands the calls to the wallet; returns the id by which it knows them. */
export async function sendTogether(signer: Signer, { chain }: ChainContext, calls: readonly Step[]): Promise<string> {
  const { id } = await signer.sendCalls({
    account: signer.account,
    chain,
    forceAtomic: true,
    calls: calls.map(({ to, data, valueWei }) => ({ to, data, value: valueWei })),
  });
  return id;
}

/** What became of a batch; undefined while the wallet does not know yet. */
export async function outcomeOf(
  signer: Signer,
  { read }: Pick<ChainContext, 'read'>,
  batch: string,
): Promise<Extract<TxEvent, { kind: 'submitted' | 'not-sent' }> | undefined> {
  // Wallets that send a batch as one transaction at once often name it by that transaction's hash.
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
