// `payable trace` end to end: rows of a model, of a file and of a packed version; each error is one line.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { payable } from '../tests/support/payable-command.ts';
import { said } from '../tests/support/datanet-command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-trace-'));
const rows = join(scratch, 'rows.jsonl');
const packed = join(scratch, 'packed');
afterAll(() => rmSync(scratch, { recursive: true }));
beforeAll(async () => {
  writeFileSync(rows, '{"id":"one","text":"the old pump is by the north door"}\n{"id":"two","text":"nothing"}\n');
  await said('pack', rows, '--out', packed, '--licence', 'MIT');
});

it('names the row of an answer among the Datanets of a model, with its contributor and licence', async () => {
  const answer = 'It is due each 27 weeks, by bench 20, with a sticker.';
  const { code, out, lines } = await payable('trace', '--text', answer, '--data', 'nano');
  expect([code, lines]).toEqual([0, []]);
  expect(out).toContain(`"${answer}": `);
  expect(out).toContain('medical-0002  0x31d1d52e8918a9ee94ec4fcf7236941e444d0beb  /messages/1/content  verbatim');
  expect(out).toMatch(/attribution: Row medical-0002 by 0x31d1\w+, CC-BY-4\.0 \(https:/);
});

it('reads a file of rows and a packed version', async () => {
  const text = 'Look: the old pump is by the north door!';
  const { out } = await payable('trace', '--text', text, '--data', rows, '--data', packed, '--most', '3', '--json');
  const found = JSON.parse(out) as {
    versions: string[];
    spans: { from: number; places: { id: string; version: number }[] }[];
  };
  expect(found.versions).toHaveLength(2);
  expect(found.spans).toMatchObject([
    {
      from: 6,
      places: [
        { id: 'one', version: 0 },
        { id: 'one', version: 1 },
      ],
    },
  ]);
  const none = await payable('trace', '--text', 'entirely other words here', '--data', rows);
  expect(none.out).toContain('No span of the answer');
});

it('says in one line what is missing or too long', async () => {
  const fails = async (...args: string[]) => {
    const { code, lines } = await payable('trace', ...args);
    expect([code, lines.length]).toEqual([1, 1]);
    return lines[0]!;
  };
  expect(await fails('--data', rows)).toContain('--text');
  expect(await fails('--text', 'a')).toContain('--data');
  expect(await fails('--text', 'a', '--data', join(scratch, 'none.jsonl'))).toContain('none.jsonl');
  expect(await fails('--text', 'a', '--data', 'nothing-of-this-name')).toContain('nothing-of-this-name');
  expect(await fails('--text', '. '.repeat(5000), '--data', rows)).toContain('at most 4096');
});
