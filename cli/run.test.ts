// The command line end to end: logits, generated answers, help and interruption.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { adapterPath, modelPath, readExpected, readFloats, readLogits } from '../tests/support/fixtures.ts';
import { readExpectedSmall } from '../tests/support/generation-cases.ts';
import { SMALL_ROOT } from '../tests/support/small-model.ts';
import { payable } from '../tests/support/payable-command.ts';
import { run } from './run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-cli-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const llama3 = modelPath('llama3');
const { ids, vocab, greedy } = readExpected('llama3');
const engine = (model = llama3) => ['--model', model, '--device', 'reference'];
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
};

describe('logits', () => {
  test.each([
    ['base', []],
    ['dora', ['--adapter', adapterPath('llama3', 'dora')]],
    ['base', ['--adapter', `${adapterPath('llama3', 'dora')}:0`]],
  ])('%s %j', async (golden, adapters) => {
    const out = join(scratch, 'logits.f32');
    const {
      code,
      out: said,
      lines,
    } = await payable('logits', ...engine(), ...adapters, '--ids', ids.join(), '--out', out);
    expect([code, lines]).toEqual([0, []]);
    expect(JSON.parse(said)).toMatchObject({ tokens: ids.length, vocab, device: 'reference' });
    const [got, wanted] = [readFloats(out), readLogits('llama3', golden)];
    expect(got.length).toBe(wanted.length);
    const largest = wanted.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    expect(got.reduce((m, x, i) => Math.max(m, Math.abs(x - wanted[i]!)), 0) / largest).toBeLessThan(2e-4);
    expect(readdirSync(scratch).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('generate', () => {
  test('a GGUF file is a model', async () => {
    const gguf = 'tests/fixtures/formats/qwen3-q.gguf';
    const { code, out } = await payable(
      'generate',
      ...engine(gguf),
      '--prompt',
      'hello',
      '--max-tokens',
      '3',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ timings: { promptTokens: 1, newTokens: 3 } });
    const refused = await payable('generate', ...engine(), '--adapter', gguf, '--ids', '1');
    expect([refused.code, refused.lines.join()]).toEqual([1, expect.stringContaining('the file is not an adapter')]);
  });

  test.each([
    ['repetition_penalty', ['--repetition-penalty', '1.3']],
    ['no_repeat_ngram_size 1', ['--no-repeat-ngram-size', '1']],
  ])('%s is an option and a field of a requests file', async (name, options) => {
    const small = readExpectedSmall();
    const { greedy: expected } = small.generation.find((one) => one.name === name)!;
    const request = [...engine(SMALL_ROOT), '--json'];
    const one = await payable('generate', ...request, '--ids', small.ids.join(), '--max-tokens', '14', ...options);
    expect([one.code, one.lines]).toEqual([0, []]);
    expect((JSON.parse(one.out) as { ids: number[] }).ids).toEqual(expected);
    const field = options[0]!.replace(/^--/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const line = { id: 1, ids: small.ids, maxTokens: 14, [field]: Number(options[1]) };
    const many = await payable('generate', ...request, '--requests', file('rules.jsonl', JSON.stringify(line)));
    expect((JSON.parse(many.out) as { ids: number[] }).ids).toEqual(expected);
  });

  test('an adapter whose invocation is missing is named, and its base answers', async () => {
    const request = [...engine(SMALL_ROOT), '--adapter', join(SMALL_ROOT, 'adapters', 'invoked-bias'), '--json'];
    const missing = await payable('generate', ...request, '--ids', '3,4', '--max-tokens', '3');
    expect(JSON.parse(missing.out)).toMatchObject({ notInvoked: ['invoked-bias'] });
    const base = await payable('generate', ...engine(SMALL_ROOT), '--json', '--ids', '3,4', '--max-tokens', '3');
    const idsOf = ({ out }: { out: string }) => (JSON.parse(out) as { ids: number[] }).ids;
    expect(idsOf(missing)).toEqual(idsOf(base));
    const invoked = await payable('generate', ...request, '--ids', '3,4,22', '--max-tokens', '3');
    expect(JSON.parse(invoked.out)).not.toHaveProperty('notInvoked');
  });

  test('ids in, ids out', async () => {
    const { code, out } = await payable('generate', ...engine(), '--ids', ids.join(), '--max-tokens', '4', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ids: greedy['base']!.slice(0, 4),
      text: '',
      finish: 'length',
      device: 'reference',
    });
    const plain = await payable('generate', ...engine(), '--ids', ids.join(), '--max-tokens', '2');
    expect(plain.out).toBe(`${greedy['base']!.slice(0, 2).join()}\n`);
  });

  test('many requests with different adapters, one of them impossible', async () => {
    const lines = [
      { id: 'base', ids, maxTokens: 3 },
      { id: 'dora', adapter: adapterPath('llama3', 'dora'), ids, maxTokens: 3 },
      { id: 3, adapter: [[adapterPath('llama3', 'dora'), 0]], ids, maxTokens: 3 },
      { id: 'bad', ids: [vocab], maxTokens: 3 },
    ];
    const path = file('requests.jsonl', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n`);
    const { code, out, lines: said } = await payable('generate', ...engine(), '--requests', path, '--json');
    expect(code).toBe(1);
    expect(said).toEqual(['payable: 1 of 4 requests failed. Their lines say why.']);
    const results = new Map(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: unknown; ids?: number[]; error?: object })
        .map((r) => [r.id, r]),
    );
    expect(results.get('base')?.ids).toEqual(greedy['base']!.slice(0, 3));
    expect(results.get('dora')?.ids).toEqual(greedy['dora']!.slice(0, 3));
    expect(results.get(3)?.ids).toEqual(greedy['base']!.slice(0, 3));
    expect(results.get('bad')?.error).toMatchObject({ message: expect.stringContaining(String(vocab)) as unknown });
  });
});

test('an interrupted command says so and exits with 130', async () => {
  const lines: string[] = [];
  const output = { write: () => undefined, fail: (line: string) => void lines.push(line) };
  const args = ['generate', ...engine(), '--ids', '1', '--max-tokens', '4'];
  expect(await run(args, output, AbortSignal.abort())).toBe(130);
  expect(lines).toEqual(['payable: stopped.']);
});

describe('help', () => {
  test.each([[['--help']], [['logits', '--help']], [['generate', '-h']], [['eval', '--help']]])('%j', async (args) => {
    const { code, out, lines } = await payable(...args);
    expect([code, lines, out.startsWith('payable ')]).toEqual([0, [], true]);
  });
});
