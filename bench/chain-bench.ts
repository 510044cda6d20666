// Measures a chain through its provider, as an app uses it: deployment, whole writes, calls.

import {
  createPublicClient,
  createWalletClient,
  custom,
  parseEther,
  type Abi,
  type EIP1193Provider,
  type Hex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { embedded } from '#lib/chain/chains.ts';

export interface ChainBenchOptions {
  provider: { request(call: { method: string; params?: unknown }): Promise<unknown> };
  /** A token with `constructor(uint256 supply)`. */
  token: { abi: Abi; bytecode: Hex };
  now(): number;
  /** Writes and calls to take the median of. */
  repetitions: number;
}

/** Milliseconds; medians, except for the deployment. */
export interface ChainBenchResult {
  deployMs: number;
  /** Simulate, sign, send and read the receipt of a token transfer. */
  writeMs: number;
  /** Signing and sending alone, gas and fees known. */
  sendMs: number;
  callMs: number;
  estimateMs: number;
  blocks: number;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

export async function benchChain(options: ChainBenchOptions): Promise<ChainBenchResult> {
  const { provider, token, now, repetitions } = options;
  const { abi } = token;
  const account = privateKeyToAccount(`0x${'42'.repeat(32)}`);
  const to = privateKeyToAccount(`0x${'43'.repeat(32)}`).address;
  const shared = { chain: embedded, transport: custom(provider as EIP1193Provider), pollingInterval: 1 };
  const reader = createPublicClient(shared);
  const wallet = createWalletClient({ ...shared, account });
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = now();
    await work();
    return now() - start;
  };
  const often = async (work: () => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let at = 0; at < repetitions; at++) times.push(await timed(work));
    return median(times);
  };

  await provider.request({ method: 'payable_faucet', params: [account.address] });
  let address: Hex | undefined;
  const deployMs = await timed(async () => {
    const hash = await wallet.deployContract({ abi, bytecode: token.bytecode, args: [parseEther('1000')] });
    address = (await reader.waitForTransactionReceipt({ hash })).contractAddress!;
  });
  const transfer = { address: address!, abi, functionName: 'transfer', args: [to, 1n] } as const;
  const writeMs = await often(async () => {
    const { request } = await reader.simulateContract({ ...transfer, account });
    await reader.getTransactionReceipt({ hash: await wallet.writeContract(request) });
  });
  let nonce = await reader.getTransactionCount(account);
  const known = { gas: 100_000n, maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 0n };
  const sendMs = await often(() => wallet.writeContract({ ...transfer, ...known, nonce: nonce++ }));
  const callMs = await often(() => reader.readContract({ ...transfer, functionName: 'balanceOf', args: [to] }));
  const estimateMs = await often(() => reader.estimateContractGas({ ...transfer, account }));
  return { deployMs, writeMs, sendMs, callMs, estimateMs, blocks: Number(await reader.getBlockNumber()) };
}
