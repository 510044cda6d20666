// The embedded chain and a real anvil, given the same signed transactions and requests at the same times. Their responses must be
// equal.

import { http, parseGwei, type BaseError, type Hex, type TransactionSerializable } from 'viem';
import { expect } from 'vitest';
import { embedded } from '#lib/chain/chains.ts';
import { startAnvil } from './anvil.ts';
import { clientsOver, createTestNode, GENESIS_SECONDS, type alice } from './embedded-chain.ts';

export type TwoChains = Awaited<ReturnType<typeof openTwoChains>>;

export async function openTwoChains() {
  const anvil = await startAnvil(embedded.id, ['--timestamp', String(GENESIS_SECONDS)]);
  const ours = createTestNode();
  const theirs = clientsOver(http(anvil.url, { retryCount: 0 }));
  const both = [ours, theirs];
  const nonces = new Map<string, number>();
  let time = BigInt(GENESIS_SECONDS);

  const record = async ({ reader, test }: typeof theirs, serializedTransaction: Hex) => {
    await test.setNextBlockTimestamp({ timestamp: time });
    // Anvil mines a moment after its response, so waiting for "another block" might never end.
    const receipt = await reader.sendRawTransactionSync({ serializedTransaction });
    const block = await reader.getBlock({ blockHash: receipt.blockHash });
    return {
      hash: receipt.transactionHash,
      status: receipt.status,
      type: receipt.type,
      gasUsed: receipt.gasUsed,
      cumulativeGasUsed: receipt.cumulativeGasUsed,
      effectiveGasPrice: receipt.effectiveGasPrice,
      contractAddress: receipt.contractAddress?.toLowerCase() ?? null,
      from: receipt.from,
      to: receipt.to,
      bloom: receipt.logsBloom,
      logs: receipt.logs.map(({ address, topics, data, logIndex }) => ({ address, topics, data, logIndex })),
      block: {
        number: block.number,
        timestamp: block.timestamp,
        baseFeePerGas: block.baseFeePerGas,
        gasUsed: block.gasUsed,
        gasLimit: block.gasLimit,
        transactionsRoot: block.transactionsRoot,
        receiptsRoot: block.receiptsRoot,
        withdrawalsRoot: block.withdrawalsRoot,
        logsBloom: block.logsBloom,
      },
    };
  };

  return {
    ours,
    theirs,
    both,
    nonces,
    close: () => anvil.stop(),

    /** Signs one transaction and runs it on both; returns the common result, which must be equal. */
    async run(label: string, from: typeof alice, fields: Partial<TransactionSerializable>) {
      const nonce = nonces.get(from.address) ?? 0;
      nonces.set(from.address, nonce + 1);
      const fees =
        fields.type === 'legacy' || fields.type === 'eip2930'
          ? { gasPrice: parseGwei('3') }
          : { maxFeePerGas: parseGwei('3'), maxPriorityFeePerGas: parseGwei('1') };
      const usual = { chainId: embedded.id, gas: 5_000_000n, nonce };
      const raw = await from.signTransaction({ ...usual, ...fees, ...fields } as TransactionSerializable);
      time += 12n;
      const [mine, anvils] = [await record(ours, raw), await record(theirs, raw)];
      expect(mine, label).toEqual(anvils);
      return mine;
    },

    /** Sends both the same request; returns the common response, or error code and data, which must be equal. */
    async ask(method: string, params: unknown[]): Promise<{ result?: unknown; code?: number; data?: Hex }> {
      const answers = [];
      for (const { reader } of both) {
        const answer: { result?: unknown; code?: number; data?: Hex } = await reader
          .request({ method, params } as never)
          .then(
            (result: unknown) => ({ result }),
            (error: unknown) => {
              const cause = (error as BaseError).walk((one) => typeof (one as { data?: unknown }).data === 'string');
              const { code, data } = cause as unknown as { code: number; data: Hex };
              return { code, data };
            },
          );
        answers.push(answer);
      }
      expect(answers[0], `${method} ${JSON.stringify(params)}`).toEqual(answers[1]);
      return answers[0]!;
    },
  };
}
