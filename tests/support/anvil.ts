// A real anvil for a test, on a port of its own choosing. It knows processes; what runs on the chain is the test's.

import { spawn } from 'node:child_process';

export interface Anvil {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts anvil with the rules of the embedded chain (`--hardfork osaka --enable-tx-gas-limit`) and resolves when it
 * listens. `npm` puts the package's anvil first on PATH; elsewhere an installed one will do.
 */
export function startAnvil(chainId: number, more: string[] = []): Promise<Anvil> {
  const rules = ['--port', '0', '--chain-id', String(chainId), '--hardfork', 'osaka', '--enable-tx-gas-limit'];
  const child = spawn('anvil', [...rules, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (piece: Buffer) => {
      output += piece.toString();
      const port = /Listening on [\d.]+:(\d+)/.exec(output)?.[1];
      if (port) resolve({ url: `http://127.0.0.1:${port}`, stop });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`anvil ended with ${code}: ${output}`)));
  });
}
