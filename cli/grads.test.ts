// `payable grads` end to end: gradients of a golden adapter in a file, several rows, rows apart, quantised weights, and bad input.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseSafetensors } from '#lib/formats/model/safetensors.ts';
import { dequantisedModel } from '../tests/support/dequantised-model.ts';
import { adapterPath, modelPath, openFixture, readExpected } from '../tests/support/fixtures.ts';
import { payable } from '../tests/support/payable-command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-cli-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const out = join(scratch, 'grads.safetensors');
const on = (model: string, adapter: string) => [
  ...['grads', '--model', modelPath(model), '--adapter', adapterPath(model, adapter)],
  ...['--device', 'reference', '--out', out],
];
const written = () => {
  const bytes = new Uint8Array(readFileSync(out));
  const { tensors } = parseSafetensors(bytes, bytes.length, out);
  return new Map(tensors.map(({ name, start, end }) => [name, new Float32Array(bytes.slice(start, end).buffer)]));
};

describe('grads', () => {
  test('a file with ids and labels; DoRA with the names of parameters', async () => {
    const { ids, labels, loss } = readExpected('llama3');
    const rows = join(scratch, 'rows.json');
    writeFileSync(rows, JSON.stringify({ ids, labels }));
    const { code, out: said, lines } = await payable(...on('llama3', 'dora'), '--ids', rows, '--labels', rows);
    expect([code, lines]).toEqual([0, []]);
    const { loss: got, tensors, targets } = JSON.parse(said) as { loss: number; tensors: number; targets: number };
    expect(got / loss['dora']!).toBeCloseTo(1, 5);
    expect(targets).toBe(labels.slice(1).filter((label) => label !== -100).length);
    const names = [...written().keys()];
    expect(names.length).toBe(tensors);
    expect(names).toContain('base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector.weight');
  });

  test('rows together are the sum of rows apart, by the log-likelihood', async () => {
    const of = [
      ...on('llama2', 'lora'),
      '--ids',
      '5,9,77;3,21',
      '--labels',
      '-100,9,77;-100,21',
      '--of',
      'log-likelihood',
    ];
    expect((await payable(...of)).code).toBe(0);
    const together = written();
    const { code, out: said } = await payable(...of, '--each');
    expect(code).toBe(0);
    expect((JSON.parse(said) as { rows: { targets: number }[] }).rows.map(({ targets }) => targets)).toEqual([2, 1]);
    const apart = written();
    expect(apart.size).toBe(2 * together.size);
    for (const [name, values] of together) {
      const greatest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      const sums = apart.get(`0.${name}`)!.map((value, i) => value + apart.get(`1.${name}`)![i]!);
      for (const [i, sum] of sums.entries()) expect(Math.abs(sum - values[i]!)).toBeLessThanOrEqual(1e-5 * greatest);
    }
  });

  test.each(['q8', 'q4'] as const)('weights in %s have the gradients of the values that they keep', async (dtype) => {
    const { ids } = readExpected('glm4');
    const rows = ['--ids', ids.slice(0, 5).join()];
    const model = await dequantisedModel(openFixture(modelPath('glm4')), dtype);
    const path = join(scratch, dtype);
    mkdirSync(path);
    for (const file of ['config.json', 'model.safetensors'])
      writeFileSync(join(path, file), await model.read(file, 0, await model.size(file)));
    expect((await payable(...on('glm4', 'lora'), ...rows, '--model', path)).code).toBe(0);
    const wanted = written();
    expect((await payable(...on('glm4', 'lora'), ...rows, '--dtype', dtype)).code).toBe(0);
    const got = written();
    expect([...got.keys()]).toEqual([...wanted.keys()]);
    for (const [name, values] of wanted) {
      const greatest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      const off = values.reduce((most, value, i) => Math.max(most, Math.abs(value - got.get(name)![i]!)), 0);
      expect(off / greatest, name).toBeLessThan(1e-5);
    }
  });

  test.each([
    ['a word', ['--ids', 'words.json'], /there is no such file/],
    ['a gap', ['--ids', '1,,2'], /--ids: "" holds no rows of token ids/],
    ['JSON of something else', ['--ids', '[["a"]]'], /row 0 of .* holds no rows of token ids/],
    ['fewer rows of labels', ['--ids', '1,2;3,4', '--labels', '1,2'], /2 rows of ids and 1 of labels/],
    ['fewer labels', ['--ids', '1,2,3', '--labels', '1,2'], /3 tokens and 2 labels/],
    ['no label', ['--ids', '1,2', '--labels', '-100,-100'], /No token has a label/],
    ['two adapters', ['--ids', '1,2', '--adapter', adapterPath('llama2', 'lora')], /Gradients are of one adapter/],
  ])('refuses %s', async (_, options, message) => {
    const { code, lines } = await payable(...on('llama2', 'lora'), ...options);
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(message);
  });
});
