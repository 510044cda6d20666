// Runs forge with a profile and settings, and returns its output.

import { spawn } from 'node:child_process';

interface ForgeOptions {
  /** Profile of foundry.toml. */
  profile?: 'default' | 'dist' | 'gas' | 'nightly';
  /** Folder of foundry.toml. */
  cwd?: string;
  /** Further environment variables: `FOUNDRY_*` settings, `FORGE_*` switches. */
  env?: Record<string, string>;
  /** Shows forge's output live; otherwise it is only collected. */
  live?: boolean;
}

export interface ForgeResult {
  code: number;
  stdout: string;
  stderr: string;
}

export function forge(
  args: string[],
  { profile = 'default', cwd, env, live }: ForgeOptions = {},
): Promise<ForgeResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('forge', args, {
      stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
      env: { ...process.env, ...env, FOUNDRY_PROFILE: profile },
      ...(cwd === undefined ? {} : { cwd }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => out.push(piece));
    child.stderr?.on('data', (piece: Buffer) => err.push(piece));
    child.on('error', (cause) =>
      reject(
        new Error('forge is not here: run `npm start` once, or install Foundry 1.7 where npm has none.', { cause }),
      ),
    );
    child.on('close', (code) =>
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
  });
}
