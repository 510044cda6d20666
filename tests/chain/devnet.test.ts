// `npm run devnet`: prints its address, and keeps its state when it is started again.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicClient, createWalletClient, http, parseEther } from 'viem';
import { afterAll, expect, it } from 'vitest';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import addresses from '#lib/chain/addresses.json' with { type: 'json' };
import { devnet } from '#lib/chain/chains.ts';
import { alice, bob } from '../support/embedded-chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'devnet-'));
afterAll(() => rmSync(folder, { recursive: true }));

function startDevnet(...more: string[]) {
  const options = ['--port', '0', '--state', join(folder, 'deep', 'state.json'), ...more];
  const child = spawn(process.execPath, ['scripts/devnet.ts', ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return new Promise<{ url: string; stop(signal: NodeJS.Signals): Promise<number | null> }>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString();
      const url = /RPC\s+(http:\S+)/.exec(output)?.[1];
      if (!url) return;
      const stop = (signal: NodeJS.Signals) => {
        child.kill(signal);
        return exited;
      };
      resolve({ url, stop });
    });
    child.on('exit', (code) => reject(new Error(`devnet ended with ${code}`)));
  });
}

const supply = (url: string) =>
  createPublicClient({ chain: devnet, transport: http(url) }).readContract({
    address: addresses.OpenToken as `0x${string}`,
    abi: openTokenAbi,
    functionName: 'totalSupply',
  });

it('starts with the contracts, makes blocks on demand, ends cleanly and keeps its state', async () => {
  const first = await startDevnet();
  const transport = http(first.url);
  const reader = createPublicClient({ chain: devnet, transport });
  expect(await reader.getChainId()).toBe(devnet.id);
  expect(await supply(first.url)).toBe(parseEther('1000000000'));
  const deployed = await reader.getBlockNumber({ cacheTime: 0 });
  const wallet = createWalletClient({ chain: devnet, transport, account: alice });
  await wallet.sendTransactionSync({ to: bob.address, value: parseEther('1') });
  expect(await reader.getBlockNumber({ cacheTime: 0 })).toBe(deployed + 1n);
  expect(await first.stop('SIGINT')).toBe(0);

  const second = await startDevnet('--network', 'optimism');
  const again = createPublicClient({ chain: devnet, transport: http(second.url) });
  // Nothing was deployed twice.
  expect(await again.getBlockNumber()).toBe(deployed + 1n);
  expect(await supply(second.url)).toBe(parseEther('1000000000'));
  expect(await again.getBalance(bob)).toBe(parseEther('10001'));
  expect(await second.stop('SIGTERM')).toBe(0);
});

it('reports invalid options', async () => {
  await expect(startDevnet('--network', 'bitcoin')).rejects.toThrow('ended with 1');
});
