// `payable export` end to end: files on disk that open again, and one line for each kind of bad input.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { adapterPath, modelPath } from '../tests/support/fixtures.ts';
import { payable } from '../tests/support/payable-command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-export-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const model = modelPath('llama3');
const adapter = adapterPath('llama3', 'lora');
const out = (name: string) => join(scratch, name);

test('each format is written, and says what it wrote', async () => {
  const gguf = out('lora.gguf');
  const made = await payable('export', '--model', model, '--adapter', adapter, '--to', 'gguf', '--out', gguf);
  expect(made).toMatchObject({ code: 0, lines: [] });
  expect(made.out).toBe(`${gguf}: 1 file, ${readFileSync(gguf).length} bytes\n`);
  // What was exported is an adapter for the next export.
  const peft = await payable(
    ...['export', '--model', model, '--adapter', gguf, '--to', 'peft', '--out', out('peft'), '--json'],
    ...['--base-name', 'owner/base'],
  );
  expect(JSON.parse(peft.out)).toMatchObject({
    to: 'peft',
    files: ['adapter_model.safetensors', 'adapter_config.json', 'README.md'],
    notes: [],
  });
  const merged = ['--to', 'ollama', '--out', out('ollama'), '--dtype', 'base'];
  const ollama = await payable('export', '--model', model, '--adapter', out('peft'), ...merged);
  expect(ollama.code).toBe(0);
  expect(ollama.out).toContain('TEMPLATE is left out');
  expect(readdirSync(out('ollama'))).toEqual(['Modelfile', 'merged']);
  expect(readFileSync(join(out('ollama'), 'Modelfile'), 'utf8')).toBe('FROM ./merged\n');
});

test('bad input is one line, and nothing is written', async () => {
  const full = out('full');
  mkdirSync(full);
  writeFileSync(join(full, 'mine.txt'), 'x');
  const base = ['export', '--model', model, '--adapter', adapter];
  const cases: [string[], RegExp][] = [
    [['export', '--adapter', adapter, '--to', 'peft', '--out', out('x')], /--model is missing/],
    [[...base, '--out', out('x')], /--to is missing/],
    [[...base, '--to', 'onnx', '--out', out('x')], /--to is "onnx"/],
    [[...base, '--to', 'peft', '--out', full], /the directory is not empty/],
    [[...base, '--to', 'peft', '--out', join(out('nowhere'), 'x')], /there is no such directory/],
    [[...base, '--to', 'merged', '--dtype', 'i8', '--out', out('x')], /--dtype is "i8"/],
    [
      ['export', '--model', model, '--adapter', adapterPath('llama3', 'dora'), '--to', 'gguf', '--out', out('x')],
      /is a DoRA, which a LoRA file of llama\.cpp cannot hold/,
    ],
  ];
  for (const [args, message] of cases) {
    const { code, lines } = await payable(...args);
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toMatch(message);
  }
  expect(existsSync(out('x'))).toBe(false);
  expect(readdirSync(full)).toEqual(['mine.txt']);
});
