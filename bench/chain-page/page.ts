// The page that measures the chain in a browser: `window.chainBench` is called by the script that opened it.

import { GENESIS_FILE } from '#lib/chain/embedded/genesis-file.ts';
import { connectChain } from '#lib/chain/embedded/shell/connect.ts';
import { benchChain, type ChainBenchOptions, type ChainBenchResult } from '../chain-bench.ts';

export interface PageBench {
  /** From the first line that opens a chain to its first response. */
  bootMs: number;
  result: ChainBenchResult | null;
}

declare global {
  interface Window {
    chainBench(options: Pick<ChainBenchOptions, 'token' | 'repetitions'> | null): Promise<PageBench>;
  }
}

window.chainBench = async (options) => {
  const start = performance.now();
  const url = new URL(GENESIS_FILE.path, location.href).href;
  const { provider } = connectChain({ database: 'chain-bench', genesis: { url, sha256: GENESIS_FILE.sha256 } });
  await provider.request({ method: 'eth_blockNumber' });
  const bootMs = performance.now() - start;
  return { bootMs, result: options && (await benchChain({ ...options, provider, now: () => performance.now() })) };
};
