// Matrices that AutoGPTQ, bitsandbytes and compressed-tensors packed, and one in AWQ's order, against the values that these
// libraries give for them.

import { readFileSync } from 'node:fs';
import { expect, it, describe } from 'vitest';
import { createMemoryFolder } from '../../memory-folder.ts';
import { decodeFloats } from '../floats.ts';
import { openTensors } from '../open-tensors.ts';
import { encodeSafetensors, type TensorDtype } from '../safetensors.ts';

interface Stored {
  dtype: TensorDtype;
  shape: number[];
  data: string;
}

interface Case {
  config: object;
  tensors: Record<string, Stored>;
  shape: [number, number];
  /** Rows of the matrix whose values are known. */
  rows: number[];
  expected: string;
}

const file = new URL('../../../../../tests/fixtures/formats/quantised.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Case>;
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

type Change = (tensors: Record<string, Stored>) => void;

interface Opening {
  change?: Change;
  config?: object | null;
  weights?: string;
}

function open(name: string, { change = () => undefined, config, weights = 'model.safetensors' }: Opening = {}) {
  const of = cases[name]!;
  const tensors = structuredClone(of.tensors);
  change(tensors);
  const stored = Object.entries(tensors).map(([key, { data, ...rest }]) => ({ name: key, ...rest, data: bytes(data) }));
  const form = config === undefined ? of.config : config;
  const files: [string, string | Uint8Array][] = [
    ['config.json', JSON.stringify(form === null ? {} : { quantization_config: form })],
    [weights, encodeSafetensors(stored)],
  ];
  return openTensors(createMemoryFolder('m', new Map(files)));
}

async function rowsOf({ folder, index }: Awaited<ReturnType<typeof open>>, first: number, end: number) {
  const { file, start, shape, dtype, name } = index.get('m.weight')!;
  const width = 4 * shape[1]!;
  return decodeFloats(await folder.read(file, start + first * width, start + end * width), dtype, name);
}

describe('a packed matrix has the values of the library that packed it', () => {
  it.each(Object.entries(cases))('%s', async (name, { shape, rows, expected }) => {
    const opened = await open(name);
    expect([...opened.index.keys()]).toEqual(['m.weight']);
    expect(opened.index.get('m.weight')).toMatchObject({ dtype: 'F32', shape });
    const wanted = new Float32Array(bytes(expected).buffer);
    const all = await rowsOf(opened, 0, shape[0]);
    for (const [i, row] of rows.entries()) {
      const of = wanted.slice(i * shape[1], (i + 1) * shape[1]);
      const got = all.slice(row * shape[1], (row + 1) * shape[1]);
      const greatest = of.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
      of.forEach((value, column) => expect(Math.abs(got[column]! - value)).toBeLessThanOrEqual(greatest * 1e-6));
    }
    // A range of rows is that part of the whole.
    const middle = shape[0] >> 1;
    expect(await rowsOf(opened, middle, middle + 2)).toEqual(all.slice(middle * shape[1], (middle + 2) * shape[1]));
  });
});

it('GPTQ of the second form stores zeros as they are', async () => {
  const name = 'GPTQ, 4 bits';
  const first = await rowsOf(await open(name), 0, 1);
  const second = await rowsOf(
    await open(name, { config: { quant_method: 'gptq', group_size: 32, checkpoint_format: 'gptq_v2' } }),
    0,
    1,
  );
  const scale = new Float32Array(decodeFloats(bytes(cases[name]!.tensors['m.scales']!.data), 'F16', 'scales'))[0]!;
  expect(second[0]! - first[0]!).toBeCloseTo(scale, 6);
});

it('weights under the older name of AutoGPTQ are found, and only under the name that its description gives', async () => {
  const [name, weights] = ['GPTQ, 4 bits', 'gptq_model-4bit-32g.safetensors'];
  expect(await rowsOf(await open(name, { weights }), 0, 4)).toEqual(await rowsOf(await open(name), 0, 4));
  await expect(open(name, { weights: 'gptq_model-4bit-64g.safetensors' })).rejects.toMatchObject({
    code: 'format/file-missing',
  });
});

it('a bias of zeros beside a packed matrix may be left out, another not', async () => {
  const bias =
    (value: number): Change =>
    (tensors) => {
      tensors['m.bias'] = {
        dtype: 'F32',
        shape: [32],
        data: Buffer.from(new Float32Array(32).fill(value).buffer).toString('base64'),
      };
    };
  expect((await open('GPTQ, 4 bits', { change: bias(0) })).index.get('m.bias')).toMatchObject({ isZero: true });
  expect((await open('GPTQ, 4 bits', { change: bias(1) })).index.get('m.bias')).toMatchObject({ isZero: false });
});

it('one matrix is kept while its rows are read, and the files are read once', async () => {
  const of = cases['GPTQ, 4 bits']!;
  const stored = ['a', 'b'].flatMap((module) =>
    Object.entries(of.tensors).map(([key, { data, ...rest }]) => ({
      name: key.replace('m', module),
      ...rest,
      data: bytes(data),
    })),
  );
  const files: [string, string | Uint8Array][] = [
    ['config.json', JSON.stringify({ quantization_config: of.config })],
    ['model.safetensors', encodeSafetensors(stored)],
  ];
  const memory = createMemoryFolder('m', new Map(files));
  let reads = 0;
  const { folder, index } = await openTensors({
    ...memory,
    read(path, start, end) {
      reads++;
      return memory.read(path, start, end);
    },
  });
  const before = reads;
  const row = (name: string, at: number) => {
    const { file, start } = index.get(name)!;
    return folder.read(file, start + at * 256, start + (at + 1) * 256);
  };
  for (const at of [0, 1, 2]) await row('a.weight', at);
  expect(reads - before).toBe(3);
  await row('b.weight', 0);
  await row('a.weight', 3);
  expect(reads - before).toBe(9);
});

const words = (count: number, value: number) =>
  Buffer.from(new Int32Array(count).fill(value).buffer).toString('base64');

describe('what does not fit is refused by the name of the tensor', () => {
  it.each<[string, string, Change, RegExp]>([
    ['GPTQ without zeros', 'GPTQ, 4 bits', (t) => void delete t['m.qzeros'], /"m.qzeros" is missing/],
    ['GPTQ with other scales', 'GPTQ, 4 bits', (t) => void (t['m.scales']!.shape = [1, 64]), /"m\.qzeros" has shape/],
    [
      'GPTQ with integer scales',
      'GPTQ, 4 bits',
      (t) => void (t['m.scales']!.dtype = 'I16'),
      /"m.scales" has dtype I16/,
    ],
    [
      'a weight beside packed numbers',
      'GPTQ, 4 bits',
      (t) => void (t['m.weight'] = t['m.scales']!),
      /"m.weight" stands beside/,
    ],
    [
      'AWQ with other zeros',
      'AWQ',
      (t) => void (t['m.qzeros'] = { dtype: 'I32', shape: [1, 3], data: words(3, 0) }),
      /"m.qzeros" has shape/,
    ],
    [
      'blocks of no numbers',
      'bitsandbytes, NF4',
      (t) =>
        void (t['m.weight.quant_state.bitsandbytes__nf4'] = {
          dtype: 'U8',
          shape: [25],
          data: Buffer.from('{"shape":[10,36],"x":  1}').toString('base64'),
        }),
      /no field "blocksize"/,
    ],
    [
      'a state that is no JSON',
      'bitsandbytes, NF4',
      (t) => void (t['m.weight.quant_state.bitsandbytes__nf4'] = { dtype: 'U8', shape: [4], data: words(1, 7) }),
      /JSON/,
    ],
    [
      'blocks without factors',
      'bitsandbytes, NF4',
      (t) => void delete t['m.weight.absmax'],
      /"m.weight.absmax" is missing/,
    ],
    [
      'a shape of one number',
      'compressed-tensors, 4 bits, groups',
      (t) => void (t['m.weight_shape'] = { dtype: 'I64', shape: [1], data: words(2, 1) }),
      /"m.weight_shape" is not two numbers/,
    ],
    [
      'a shape of more columns',
      'compressed-tensors, 4 bits, groups',
      (t) => void (t['m.weight_shape'] = { dtype: 'I64', shape: [2], data: words(4, 1 << 20) }),
      /"m.weight_packed" has shape/,
    ],
    [
      'bytes with zeros of their own',
      'compressed-tensors, bytes of rows',
      (t) => void (t['m.weight_zero_point'] = t['m.weight_scale']!),
      /moves the zero/,
    ],
  ])('%s', async (_, name, change, message) => {
    await expect(open(name, { change })).rejects.toThrow(message);
  });

  it('a group that does not exist', async () => {
    const change: Change = (t) => void (t['m.g_idx'] = { dtype: 'I32', shape: [96], data: words(96, 3) });
    await expect(rowsOf(await open('GPTQ, inputs in order of their effect', { change }), 0, 1)).rejects.toThrow(
      /"m.g_idx" names a group/,
    );
  });

  it('packed numbers whose layout no config describes', async () => {
    await expect(open('GPTQ, 4 bits', { config: null })).rejects.toThrow(
      /neither config.json nor quantize_config.json/,
    );
  });

  it('a config of packed weights over weights that are not packed', async () => {
    const folder = createMemoryFolder(
      'm',
      new Map<string, string | Uint8Array>([
        ['config.json', JSON.stringify({ quantization_config: { quant_method: 'awq' } })],
        [
          'model.safetensors',
          encodeSafetensors([{ name: 'm.weight', dtype: 'F32', shape: [1], data: new Float32Array(1) }]),
        ],
      ]),
    );
    await expect(openTensors(folder)).rejects.toThrow(/describes packed weights, and the files hold none/);
  });
});
