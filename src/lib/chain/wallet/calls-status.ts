// The status of a batch for EIP-5792. A batch is one transaction and its id is that transaction's hash, so nothing needs to be
// stored.

import {
  createClient,
  isHash,
  numberToHex,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
  type Chain,
  type Transport,
} from 'viem';
import { getTransaction, getTransactionReceipt } from 'viem/actions';
import { ProviderError } from '../embedded/provider.ts';

const UNKNOWN_BATCH = 5730;

export async function callsStatus(id: unknown, { chain, transport }: { chain: Chain; transport: Transport }) {
  if (typeof id !== 'string' || !isHash(id)) throw new ProviderError(UNKNOWN_BATCH, 'no such batch');
  const client = createClient({ chain, transport });
  const about = { version: '2.0.0', id, chainId: numberToHex(chain.id), atomic: true } as const;
  const receipt = await getTransactionReceipt(client, { hash: id }).catch((error: unknown) => {
    if (error instanceof TransactionReceiptNotFoundError) return null;
    throw error;
  });
  if (!receipt) {
    await getTransaction(client, { hash: id }).catch((error: unknown) => {
      if (error instanceof TransactionNotFoundError) throw new ProviderError(UNKNOWN_BATCH, 'no such batch');
      throw error;
    });
    return { ...about, status: 100, receipts: [] };
  }
  return {
    ...about,
    status: receipt.status === 'success' ? 200 : 500,
    receipts: [
      {
        logs: receipt.logs.map(({ address, data, topics }) => ({ address, data, topics })),
        status: receipt.status === 'success' ? '0x1' : '0x0',
        blockHash: receipt.blockHash,
        blockNumber: numberToHex(receipt.blockNumber),
        gasUsed: numberToHex(receipt.gasUsed),
        transactionHash: receipt.transactionHash,
      },
    ],
  };
}
