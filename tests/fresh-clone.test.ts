// The commands of the README in a fresh clone, which has only the repository's files and the packages.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveHub, type HubServer } from './support/hub-server.ts';

const PREFIX = 'npm run -s payable -- ';
const readme = readFileSync('README.md', 'utf8');
const commands = readme
  .split('\n')
  .filter((line) => line.startsWith(PREFIX))
  .map((line) => line.slice(PREFIX.length));

/** Commands that need more than a clone, and what they need. */
const NOT_ALONE: Record<string, string> = {
  'COMMAND [OPTIONS]': 'a placeholder',
  'generate --model ./my-model --adapter ./my-adapter:0.5 --chat conversation.json': "the reader's own model",
};

const clone = mkdtempSync(join(tmpdir(), 'payable-clone-'));
// The first account of the public test phrase; the README leaves the key to the reader.
const PAYABLE_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

/** Splits like a shell, for the plain words and double quotes of the README. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

/** Stands in for the public hub: Nano under the name that the README pulls. */
let hub: HubServer;

beforeAll(async () => {
  const nano = 'static/models/nano/base';
  const files = Object.fromEntries(
    readdirSync(nano).map((name) => [name, new Uint8Array(readFileSync(join(nano, name)))]),
  );
  hub = await serveHub({ 'HuggingFaceTB/SmolLM2-135M-Instruct': { files } });
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const path of listed.split('\0')) {
    if (!/^(cli|node|server|bench|scripts|src)\/|^(package|package-lock|tsconfig)\.json$/.test(path)) continue;
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    cpSync(path, join(clone, path), { force: true });
  }
  for (const folder of ['node_modules', 'static']) symlinkSync(resolve(folder), join(clone, folder), 'dir');
  const row = (id: string, text: string) => `${JSON.stringify({ id, text })}\n`;
  writeFileSync(join(clone, 'rows.jsonl'), row('some-id', 'first') + row('b', 'second'));
  writeFileSync(join(clone, 'more-rows.jsonl'), row('some-id', 'first') + row('c', 'third'));
});
afterAll(async () => {
  await hub.close();
  rmSync(clone, { recursive: true });
});

it('the README has commands of the command line', () => {
  expect(commands.length).toBeGreaterThan(5);
  expect(commands).toEqual(expect.arrayContaining(Object.keys(NOT_ALONE)));
});

// In the order of the README: the first one builds the command line, and later ones read what earlier ones wrote.
it.each(commands.filter((command) => !(command in NOT_ALONE)))(
  'payable %s',
  async (command) => {
    const models = join(clone, 'pulled-models');
    const run = spawn(
      process.execPath,
      ['scripts/payable.mjs', ...wordsOf(command.replace('--max-tokens 32', '--max-tokens 2'))],
      { cwd: clone, env: { ...process.env, PAYABLE_KEY, PAYABLE_MODELS: models, HF_ENDPOINT: hub.endpoint } },
    );
    const [out, errors, [code]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'close')]);
    expect([code, errors.match(/^\s+at /m)]).toEqual([0, null]);
    expect(out).not.toBe('');
  },
  60_000,
);
