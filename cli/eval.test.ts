// `payable eval --data` end to end, on the plain TypeScript kernels: figures of a model over a file of rows.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payable } from '../tests/support/payable-command.ts';
import { tinyChatModel } from '../tests/support/tiny-chat-model.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-eval-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const model = join(scratch, 'tiny');
const data = join(scratch, 'rows.jsonl');

beforeAll(async () => {
  for (const { path, file } of tinyChatModel()) {
    mkdirSync(dirname(join(model, path)), { recursive: true });
    writeFileSync(join(model, path), new Uint8Array(await file.arrayBuffer()));
  }
  const rows = [
    { prompt: 'a', completion: 'b' },
    { text: 'hello' },
    { prompt: 'a', completion: 'x'.repeat(99) },
    { text: 'never read' },
  ];
  writeFileSync(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});

const evaluated = (...more: string[]) =>
  payable(
    ...['eval', '--model', model, '--data', data, '--device', 'reference', '--length', '44', '--max-tokens', '4'],
    ...['--limit', '3', ...more],
  );

test('rows of a file are answered and scored', async () => {
  const { code, out, lines } = await evaluated('--json');
  expect({ code, lines }).toEqual({ code: 0, lines: [] });
  const { of, counts, questions, unscored } = JSON.parse(out) as {
    of: { name: string | null; answers: Record<string, { of: number } | null>; losses: { loss: { value: number } } }[];
    counts: object;
    questions: { expected: string; answers: string[] }[];
    unscored: string | null;
  };
  expect({ unscored, counts }).toMatchObject({ unscored: null, counts: { rows: 3, examples: 2 } });
  expect(of).toHaveLength(1);
  expect(of[0]).toMatchObject({ name: null, answers: { exact: { of: 1 }, json: null }, neutral: { change: null } });
  // Random weights: no better than to guess one of 99 tokens.
  expect(of[0]!.losses.loss.value).toBeGreaterThan(Math.log(99));
  expect(questions).toMatchObject([{ expected: 'b', answers: [expect.any(String)] }]);
});

test('a table says what was measured', async () => {
  const { code, out } = await evaluated();
  expect(code).toBe(0);
  expect(out).toMatch(/^exact answers, % +0[.]0 \(0[.]0 to 0[.]0\)$/m);
  expect(out).toMatch(/^valid JSON, % +-$/m);
  expect(out).toMatch(/^perplexity +[\d.]+ \([\d.]+ to [\d.]+\)$/m);
});

test('bad input is one line', async () => {
  const missing = await payable('eval', '--model', model, '--data', join(scratch, 'no.jsonl'), '--device', 'reference');
  expect(missing).toMatchObject({ code: 1, lines: [expect.stringContaining('there is no such file')] });
  const limit = await evaluated('--limit', '0');
  expect(limit).toMatchObject({ code: 1, lines: [expect.stringContaining('--limit')] });
});
