// The commands of the README in a fresh clone, which has only the repository's files and the packages.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const PREFIX = 'npm run -s payable -- ';
const readme = readFileSync('README.md', 'utf8');
const commands = readme
  .split('\n')
  .filter((line) => line.startsWith(PREFIX))
  .map((line) => line.slice(PREFIX.length));

/** Commands that need more than a clone, and what they need. */
const NOT_ALONE: Record<string, string> = {
  'COMMAND [OPTIONS]': 'a placeholder',
  'pull HuggingFaceTB/SmolLM2-135M-Instruct': 'the hub',
  'generate --model hub:HuggingFaceTB/SmolLM2-135M-Instruct --dtype q8 --prompt "Hello"':
    'what the line before fetched',
  'generate --model ./my-model --adapter ./my-adapter:0.5 --chat conversation.json': "the reader's own model",
};

const clone = mkdtempSync(join(tmpdir(), 'payable-clone-'));
// The first account of the public test phrase; the README leaves the key to the reader.
const PAYABLE_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

/** Splits like a shell, for the plain words and double quotes of the README. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

beforeAll(() => {
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
afterAll(() => rmSync(clone, { recursive: true }));

it('the README has commands of the command line', () => {
  expect(commands.length).toBeGreaterThan(5);
  expect(commands).toEqual(expect.arrayContaining(Object.keys(NOT_ALONE)));
});

// In the order of the README: the first one builds the command line, and later ones read what earlier ones wrote.
it.each(commands.filter((command) => !(command in NOT_ALONE)))(
  'payable %s',
  (command) => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ['scripts/payable.mjs', ...wordsOf(command.replace('--max-tokens 32', '--max-tokens 2'))],
      { cwd: clone, encoding: 'utf8', env: { ...process.env, PAYABLE_KEY } },
    );
    expect([status, stderr.match(/^\s+at /m)]).toEqual([0, null]);
    expect(stdout).not.toBe('');
  },
  60_000,
);
