// Runs anvil for the devnet: with the rules of the embedded chain, on a local address.

import { spawn } from 'node:child_process';

export interface Anvil {
  url: string;
  /** Resolves with the exit code after anvil has ended. */
  ended: Promise<number>;
  /** Lets anvil write its state and end. */
  stop(): Promise<void>;
}

export type AnvilNetwork = 'ethereum' | 'optimism';

export interface AnvilOptions {
  chainId: number;
  /** 0 takes a free port. */
  port: number;
  network?: AnvilNetwork;
  /** Further flags. */
  more?: string[];
}

/** Flags for the rules of the embedded chain, beyond the default gas limit and base fee; for OP anvil sets the forks itself. */
const RULES: Record<AnvilNetwork, string[]> = {
  ethereum: ['--hardfork', 'osaka', '--enable-tx-gas-limit'],
  optimism: ['--network', 'optimism'],
};

/** Starts anvil and resolves when it listens. npm puts the package's anvil first on PATH. */
export function runAnvil({ chainId, port, network = 'ethereum', more = [] }: AnvilOptions): Promise<Anvil> {
  const place = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId)];
  // In a separate process group, so that Ctrl-C reaches it once, through `stop`, and does not interrupt its writing.
  const child = spawn('anvil', [...place, ...RULES[network], ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const ended = new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 0)));
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (piece: Buffer) => {
      output += piece.toString();
      const found = /Listening on ([\d.]+:\d+)/.exec(output)?.[1];
      if (!found) return;
      output = '';
      child.stdout.off('data', read);
      child.stdout.resume();
      resolve({
        url: `http://${found}`,
        ended,
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', (error) => reject(new Error(`anvil did not start: ${error.message}`)));
    child.on('exit', (code) => reject(new Error(`anvil ended with ${code}: ${output.trim()}`)));
  });
}
