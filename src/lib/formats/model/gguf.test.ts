// GGUF files: headers that are right and wrong, and what the blocks of each type hold, as another tool computes it.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { floatTensor, ggufFile, ggufText, u32, u64 } from '#tests/support/gguf-writer.ts';
import { joinedBytes } from '#tests/support/torch-archive.ts';
import { createMemoryFolder } from '../memory-folder.ts';
import { decodeFloats } from './floats.ts';
import { GGUF_BLOCKS } from './gguf-blocks.ts';
import { readGgufHeader } from './gguf-header.ts';
import { viewGgufTensor } from './gguf-tensor.ts';

const folderOf = (bytes: Uint8Array) => createMemoryFolder('m', new Map([['model.gguf', bytes]]));
const read = (bytes: Uint8Array) => readGgufHeader(folderOf(bytes), 'model.gguf');
const hex = (text: string) => Uint8Array.from(text.match(/../g)!, (byte) => parseInt(byte, 16));
const blocks = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../../tests/fixtures/formats/gguf-blocks.json', import.meta.url)), 'utf8'),
) as Record<string, { bytes: string; values: number[] }>;

const seen = (count: number) => Float32Array.from({ length: count }, (_, i) => i);
const one = floatTensor('a', [2, 3], seen(6));

test('fields of every kind, and tensors with their rows first', async () => {
  const { metadata, tensors } = await read(
    ggufFile(
      [
        ['whole', 'u32', 7],
        ['float', 'f32', 0.5],
        ['flag', 'bool', true],
        ['text', 'text', 'ä'],
        ['texts', 'texts', ['a', '']],
        ['floats', 'floats', [1.5, -2]],
      ],
      [one, floatTensor('b', [1], seen(1))],
    ),
  );
  expect(Object.fromEntries(metadata)).toEqual({
    whole: 7,
    float: 0.5,
    flag: true,
    text: 'ä',
    texts: ['a', ''],
    floats: [1.5, -2],
  });
  expect(
    tensors.map(({ name, shape, block, start, end }) => [name, shape, block.name, end - start, start % 32]),
  ).toEqual([
    ['a', [2, 3], 'F32', 24, 0],
    ['b', [1], 'F32', 4, 0],
  ]);
});

test('a header longer than what is read first', async () => {
  const texts = Array.from({ length: 100_000 }, (_, i) => `a token of some length ${i}`);
  const { metadata } = await read(ggufFile([['tokenizer.ggml.tokens', 'texts', texts]]));
  expect(metadata.get('tokenizer.ggml.tokens')).toEqual(texts);
});

describe.each(Object.keys(blocks))('blocks of %s', (name) => {
  const { bytes, values } = blocks[name]!;
  const [type, block] = [...GGUF_BLOCKS].find(([, of]) => of.name === name)!;

  it('hold the numbers that the reference gives, to the last bit', () => {
    const raw = hex(bytes);
    const out = new Float32Array(values.length);
    const view = new DataView(raw.buffer);
    for (let i = 0; i * block.values < values.length; i++) block.decode!(view, i * block.bytes, out, i * block.values);
    expect(out).toEqual(Float32Array.from(values));
  });

  it('are read by any range', async () => {
    const folder = folderOf(ggufFile([], [{ name: 'a', shape: [1, values.length], type, data: hex(bytes) }]));
    const { tensors } = await readGgufHeader(folder, 'model.gguf');
    const view = viewGgufTensor(folder, 'model.gguf', tensors[0]!, { name: 'a' });
    expect(view).toMatchObject({ dtype: 'F32', shape: [1, values.length] });
    expect(decodeFloats(await view.read(5 * 4, 9 * 4), 'F32', 'a')).toEqual(Float32Array.from(values.slice(5, 9)));
  });
});

describe('a tensor of a model that llama.cpp converted', () => {
  const view = async (changes: { headRows?: number; add?: number }) => {
    const folder = folderOf(ggufFile([], [floatTensor('q', [8, 1], seen(8))]));
    const { tensors } = await readGgufHeader(folder, 'model.gguf');
    return viewGgufTensor(folder, 'model.gguf', tensors[0]!, { name: 'q', ...changes });
  };

  it('has the rows of each head in the order of transformers', async () => {
    const { read: bytes } = await view({ headRows: 4 });
    expect([...decodeFloats(await bytes(0, 32), 'F32', 'q')]).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect([...decodeFloats(await bytes(8, 24), 'F32', 'q')]).toEqual([1, 3, 4, 6]);
  });

  it('has a number added to each of its own', async () => {
    const { read: bytes } = await view({ add: -1 });
    expect([...decodeFloats(await bytes(4, 12), 'F32', 'q')]).toEqual([0, 1]);
  });
});

describe('is refused', () => {
  const head = (...parts: Uint8Array[]) => joinedBytes([u32(0x46554747), u32(3), ...parts]);
  it.each<[string, Uint8Array, RegExp]>([
    ['another file', new TextEncoder().encode('<html></html>'), /does not begin with "GGUF"/],
    ['an empty file', new Uint8Array(), /ends in its header/],
    ['version 1', joinedBytes([u32(0x46554747), u32(1), u64(0), u64(0)]), /version 1/],
    ['big-endian', joinedBytes([u32(0x46554747), u32(0x03000000), u64(0), u64(0)]), /big-endian/],
    ['a huge number of tensors', head(u64(2n ** 60n), u64(0)), /a size in the header/],
    ['many tensors', head(u64(70_000), u64(0)), /claims 70000 tensors/],
    ['many fields', head(u64(0), u64(70_000)), /claims 70000 fields/],
    ['a long name', head(u64(0), u64(1), u64(5000)), /claims 5000 bytes of text/],
    [
      'a long list',
      head(u64(0), u64(1), ggufText('x'), u32(9), u32(4), u64(5_000_000)),
      /claims 5000000 values of "x"/,
    ],
    ['a list of lists', head(u64(0), u64(1), ggufText('x'), u32(9), u32(9), u64(1)), /list of lists/],
    ['a type that is none', head(u64(0), u64(1), ggufText('x'), u32(99)), /has type 99/],
    ['a header cut short', ggufFile([['x', 'text', 'y']]).slice(0, 30), /ends in its header/],
    [
      'a field twice',
      ggufFile([
        ['x', 'u32', 1],
        ['x', 'u32', 2],
      ]),
      /"x" occurs twice/,
    ],
    ['a tensor twice', ggufFile([], [one, one]), /two tensors have the name "a"/],
    ['tensors that overlap', ggufFile([], [one, { ...one, name: 'b', offset: 8 }]), /"b" overlaps/],
    ['a tensor beyond the file', ggufFile([], [{ ...one, offset: 4096 }]), /bytes end at/],
    ['five dimensions', ggufFile([], [{ ...one, shape: [1, 1, 1, 2, 3] }]), /5 dimensions/],
    ['a type that is not read', ggufFile([], [{ ...one, type: 10 }]), /type Q2_K, which is not read/],
    ['an unknown type', ggufFile([], [{ ...one, type: 77 }]), /type 77/],
    ['rows that are no whole blocks', ggufFile([], [{ ...one, shape: [2, 48], type: 8 }]), /cannot be of type Q8_0/],
    ['sizes whose product is no number', ggufFile([], [{ ...one, shape: [2 ** 40, 2 ** 40] }]), /cannot be of type/],
    ['an alignment of 0', ggufFile([['general.alignment', 'u32', 0]]), /"general\.alignment" is 0/],
  ])('%s', async (_, bytes, message) => {
    const failure = await read(bytes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PayableError);
    expect((failure as Error).message).toMatch(message);
  });
});

test('a file with changed bytes ends in an error of ours or is read', async () => {
  const good = ggufFile([['x', 'texts', ['a', 'b']]], [one]);
  const change = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = good.slice();
      for (const { at, byte } of changes) bytes[at] = byte;
      const outcome = await read(bytes).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(PayableError);
    }),
    { numRuns: 400 },
  );
});
