// The pinner from the command line: its output, its end on a signal, its refusals.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from './run.ts';

const ADDRESS = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

async function payable(
  args: string[],
  onOutput: (text: string) => void = () => undefined,
  signal = new AbortController().signal,
) {
  let failed = '';
  const output = { write: onOutput, fail: (line: string) => void (failed = line) };
  return { code: await run(['pin-node', ...args], output, signal), failed };
}

it('prints its addresses as JSON, accepts the token it issued, and ends on a signal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pin-node-'));
  const stop = new AbortController();
  let usage: Promise<unknown> = Promise.resolve();
  const use = (text: string) => {
    const { url, token } = JSON.parse(text) as { url: string; token: string };
    usage = fetch(`${url}usage`, { headers: { authorization: `Bearer ${token}` } })
      .then((response) => response.json())
      .finally(() => stop.abort());
  };
  const ports = ['--port', '0', '--peer-port', '0', '--wallet-gib', '0.5'];
  const ended = await payable([...ports, '--data', folder, '--token-for', ADDRESS, '--json'], use, stop.signal);
  rmSync(folder, { recursive: true });
  expect(await usage).toEqual({ address: ADDRESS, bytes: 0, requests: 0, roomBytes: 2 ** 29 });
  expect(ended).toEqual({ code: 0, failed: '' });
}, 60_000);

it.each([
  [['--port', 'x'], 'Option --port is "x"'],
  [['--token-for', 'bob'], 'Option --token-for is "bob"'],
  [['--public-url', 'pin.example'], 'Option --public-url is "pin.example"'],
  [['--cluster', 'http://127.0.0.1:9'], 'Option --cluster needs --kubo'],
  [['--data', '/proc/1/nothing', '--port', '0', '--peer-port', '0'], 'cannot be written to'],
])('refuses %j in one line', async (args, words) => {
  const { code, failed } = await payable(args);
  expect(code).toBe(1);
  expect(failed).toContain(words);
});
