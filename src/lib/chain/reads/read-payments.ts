// Payments through the Settlement, from its logs, verified against the contract: the accumulator of each epoch must match, so
// that the provider of the logs cannot omit, duplicate or invent a payment.

import type { Address, Hash, Hex } from 'viem';
import { PayableError } from '#lib/core/errors.ts';
import { accumulateReceipts, ZERO_HASH } from '#lib/formats/payment/epoch-leaves.ts';
import { epochOf } from '#lib/formats/payment/epoch-proposal.ts';
import { settlementAbi } from '../abi/settlement.ts';
import type { ChainContext } from '../context.ts';

/** A voucher or a single call, in the accumulator's order. */
export interface Payment {
  epoch: bigint;
  payer: Address;
  node: Address;
  /** Merkle root of the paid receipts, or the hash of the single call. */
  receipts: Hex;
  amountWei: bigint;
  hash: Hash;
}

/** A transaction's share for contributors of a model's data. */
export interface DataPart {
  epoch: bigint;
  model: bigint;
  grossWei: bigint;
  dataWei: bigint;
  hash: Hash;
}

export class PaymentsIncompleteError extends PayableError {
  constructor(epoch: bigint) {
    super(
      'chain/payments-incomplete',
      `The logs do not make what the Settlement has in its books for epoch ${epoch}.`,
      {
        hint: 'Ask another provider for the logs, or for all blocks of the epoch.',
      },
    );
  }
}

export interface PaymentRange {
  fromBlock: bigint;
  toBlock: bigint;
  /** Epochs that the blocks cover in full. */
  from: bigint;
  to: bigint;
}

/**
 * @throws PaymentsIncompleteError when the logs contradict the books.
 *
 * @example
 * import { readPayments } from '#lib/chain/reads/read-payments.ts';
 *
 * const blocks = { fromBlock: 1_200n, toBlock: 1_900n };
 * const { payments } = await readPayments(chain, { ...blocks, from: 480_000n, to: 480_023n });
 * const paidWei = payments.reduce((sum, { amountWei }) => sum + amountWei, 0n);
 */
export async function readPayments(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  { fromBlock, toBlock, from, to }: PaymentRange,
): Promise<{ payments: Payment[]; dataParts: DataPart[] }> {
  const address = addresses.Settlement;
  const logs = await read.getContractEvents({ address, abi: settlementAbi, fromBlock, toBlock, strict: true });
  const times = new Map<bigint, bigint>();
  for (const { blockNumber } of logs) {
    if (!times.has(blockNumber)) times.set(blockNumber, (await read.getBlock({ blockNumber })).timestamp);
  }
  const payments: Payment[] = [];
  const dataParts: DataPart[] = [];
  for (const log of logs) {
    const epoch = epochOf(times.get(log.blockNumber)!);
    if (epoch < from || epoch > to) continue;
    const hash = log.transactionHash;
    if (log.eventName === 'Redeemed') {
      const { payer, node, receipts, amount } = log.args;
      payments.push({ epoch, payer, node, receipts, amountWei: amount, hash });
    } else if (log.eventName === 'Invoked') {
      const { payer, node, callHash, amount } = log.args;
      payments.push({ epoch, payer, node, receipts: callHash, amountWei: amount, hash });
    } else if (log.eventName === 'Split') {
      const { modelId, gross, data } = log.args;
      dataParts.push({ epoch, model: modelId, grossWei: gross, dataWei: data, hash });
    }
  }
  const books = { address, abi: settlementAbi } as const;
  for (let epoch = from; epoch <= to; epoch++) {
    const [acc, data] = await Promise.all([
      read.readContract({ ...books, functionName: 'receiptsAcc', args: [epoch] }),
      read.readContract({ ...books, functionName: 'epochData', args: [epoch] }),
    ]);
    const mine = payments.filter((one) => one.epoch === epoch).reduce(accumulateReceipts, ZERO_HASH);
    const dataWei = dataParts.reduce((sum, part) => (part.epoch === epoch ? sum + part.dataWei : sum), 0n);
    if (mine !== acc || dataWei !== data) throw new PaymentsIncompleteError(epoch);
  }
  return { payments, dataParts };
}
