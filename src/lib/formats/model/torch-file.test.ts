// Files of torch.save: a real one, and every one that must be refused without executing anything.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import {
  joinedBytes,
  pickleTensors,
  torchArchive,
  zipArchive,
  type ArchivedTensor,
} from '#tests/support/torch-archive.ts';
import { createMemoryFolder } from '../memory-folder.ts';
import { decodeFloats } from './floats.ts';
import { openTensors } from './open-tensors.ts';
import { readTorchFile } from './torch-file.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`../../../../tests/fixtures/formats/${name}`, import.meta.url))));
const read = (bytes: Uint8Array) => readTorchFile(createMemoryFolder('m', new Map([['x.bin', bytes]])), 'x.bin');
const text = (value: string) => new TextEncoder().encode(value);
const tensor = (name: string, values = [1, 2], shape = [values.length]): ArchivedTensor => ({
  name,
  storage: 'FloatStorage',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
});

test('a dictionary that PyTorch saved: shared storages, parts of them, parameters, scalars and every number type', async () => {
  const tensors = await read(fixture('dictionary.bin'));
  const found = new Map<string, unknown>();
  for (const { name, dtype, shape, read: bytes } of tensors) {
    const size = shape.reduce((a, b) => a * b, { F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8 }[dtype as string]!);
    const data = await bytes(0, size);
    found.set(name, [dtype, shape, dtype === 'I64' ? data[8] : [...decodeFloats(data, dtype, name)]]);
  }
  const whole = Array.from({ length: 24 }, (_, i) => i / 8);
  expect(Object.fromEntries(found)).toEqual({
    whole: ['F32', [4, 6], whole],
    rows: ['F32', [2, 6], whole.slice(6, 18)],
    same: ['F32', [4, 6], whole],
    half: ['F16', [3], [1.5, -2, 65504]],
    bfloat: ['BF16', [2, 2], [1, 2, 3, -4]],
    double: ['F64', [1], [Math.fround(0.1)]],
    ids: ['I64', [5], 1],
    scalar: ['F32', [], [3.25]],
    parameter: ['F32', [2, 1], [1, 1]],
    empty: ['F32', [0, 3], []],
  });
});

test('shards of an index are one model, and ranges of it are read where they lie', async () => {
  const files = new Map<string, Uint8Array | string>([
    ['pytorch_model.bin.index.json', JSON.stringify({ weight_map: { a: 'p-1.bin', b: 'p-2.bin' } })],
    ['p-1.bin', torchArchive([tensor('a', [1, 2, 3, 4], [2, 2])])],
    ['p-2.bin', torchArchive([tensor('b', [5, 6])])],
  ]);
  const { folder, index } = await openTensors(createMemoryFolder('m', files));
  expect([...index.keys()]).toEqual(['a', 'b']);
  const { file, start, end } = index.get('a')!;
  expect([...decodeFloats(await folder.read(file, start + 8, end), 'F32', 'a')]).toEqual([3, 4]);
  // From the last number of one tensor to the first of the next.
  expect([...decodeFloats(await folder.read(file, end - 4, end + 4), 'F32', 'a')]).toEqual([4, 5]);
  expect(folder.origins!(file)).toEqual(['p-1.bin', 'p-2.bin']);
});

const pickled = (...parts: (string | number[])[]) =>
  torchArchive([], joinedBytes(parts.map((part) => (typeof part === 'string' ? text(part) : Uint8Array.from(part)))));
const good = [tensor('a')];

describe('is refused', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['a call of os.system', pickled([0x80, 2], 'cos\nsystem\n(X\x02\0\0\0lstR.'), /names "os\.system"/],
    [
      'a call by protocol 4',
      pickled([0x80, 4, 0x8c, 5], 'posix', [0x8c, 6], 'system', [0x93], '.'),
      /names "posix\.system"/,
    ],
    ['builtins', pickled('cbuiltins\neval\n.'), /names "builtins\.eval"/],
    ['a name that only looks like a storage', pickled('ctorch\n__proto__\n.'), /names "torch\.__proto__"/],
    ['an instance of a class', pickled('(i__main__\nX\n.'), /opcode 0x69/],
    ['a new object', pickled('ccollections\nOrderedDict\n)', [0x81], '.'), /opcode 0x81/],
    ['a storage that is called', pickled('ctorch\nFloatStorage\n)R.'), /calls "torch\.FloatStorage"/],
    ['attributes of a list', pickled(']}b.'), /sets attributes of a list/],
    ['a text instead of a dictionary', pickled([0x58, 1, 0, 0, 0], 'x.'), /holds "x", not a dictionary/],
    ['a dictionary in the dictionary', pickled('}X\x01\0\0\0x}s.'), /has a dictionary under "x", not a tensor/],
    ['a list that holds itself', pickled(']q\0h\0a.'), /holds a list/],
    ['marks of any depth', pickled('('.repeat(100_000), 't'.repeat(100_000), '.'), /holds a list|takes a value/],
    ['a value that was never kept', pickled('h\x07.'), /recalls value 7/],
    ['an empty stack', pickled('.'), /takes a value that is not there/],
    ['no mark', pickled('t.'), /no mark/],
    ['a pickle that ends', pickled('}'), /ends before its last opcode/],
    ['a long text', pickled([0x58, 0, 0, 1, 1], '.'), /text of/],
    ['a persistent id of another kind', pickled('X\x01\0\0\0xQ.'), /other than a storage/],
    ['the old form', Uint8Array.of(0x80, 2, 0x8a, 10), /before version 1\.6/],
    ['another file', text('<html>'), /not a file of PyTorch/],
    ['an empty file', new Uint8Array(), /not a file of PyTorch/],
    ['an archive without a pickle', zipArchive([{ name: 'a/b', data: text('x') }]), /0 entries "data\.pkl"/],
    ['an archive cut short', torchArchive(good).slice(0, -30), /no directory|no ZIP64|outside/],
    [
      'big-endian numbers',
      zipArchive([
        { name: 'a/data.pkl', data: pickleTensors([]) },
        { name: 'a/byteorder', data: text('big') },
      ]),
      /not little-endian/,
    ],
    ['a compressed entry', zipArchive([{ name: 'a/data.pkl', data: text('x'), method: 8 }]), /compressed \(method 8\)/],
    [
      'two entries of one name',
      zipArchive([
        { name: 'a/data.pkl', data: pickleTensors([]) },
        { name: 'a/data.pkl', data: pickleTensors([]) },
      ]),
      /two entries "a\/data\.pkl"/,
    ],
    [
      'entries that overlap',
      zipArchive([
        { name: 'a/data.pkl', data: pickleTensors(good) },
        { name: 'a/data/0', data: good[0]!.data, headerAt: 4 },
      ]),
      /reaches into what follows/,
    ],
    ['an entry beyond the file', zipArchive([{ name: 'a/data.pkl', data: text('x'), size: 99_999 }]), /reaches into/],
    ['a tensor whose storage is missing', torchArchive([], pickleTensors(good)), /which the archive does not have/],
    [
      'a storage of another size',
      torchArchive([tensor('a', [1, 2, 3])], pickleTensors(good)),
      /storage of 2 elements of F32, but "archive\/data\/0" has 12 bytes/,
    ],
    [
      'a name that climbs',
      zipArchive([{ name: '../data.pkl/data.pkl', data: pickleTensors(good) }]),
      /0 entries "data\.pkl"/,
    ],
  ])('%s', async (_, bytes, message) => {
    const failure = await read(bytes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PayableError);
    expect((failure as Error).message).toMatch(message);
  });

  it('a transposed tensor, when it is read', async () => {
    const [transposed] = await read(fixture('transposed.bin'));
    await expect(transposed!.read(0, 4)).rejects.toThrow('tensor "a" of shape [6, 4] has strides [1, 6]');
  });

  it('a tensor that is greater than its storage', async () => {
    const pickle = pickleTensors([tensor('a', [1, 2], [1000])]);
    await expect(read(torchArchive(good, pickle))).rejects.toThrow('reaches past the end of its storage');
  });
});

test('any bytes in place of the pickle end in an error of ours or in tensors', async () => {
  const opcode = fc.constantFrom(
    ...[...text('(NKMJGX}])taesuqrhjcQRb.')],
    0x80,
    0x85,
    0x86,
    0x87,
    0x88,
    0x8a,
    0x8c,
    0x93,
    0x94,
  );
  const bytes = fc.array(fc.oneof({ arbitrary: opcode, weight: 4 }, { arbitrary: fc.nat(255), weight: 1 }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(bytes, async (pickle) => {
      const failure = await read(torchArchive([], Uint8Array.from(pickle))).catch((error: unknown) => error);
      if (!Array.isArray(failure)) expect(failure).toBeInstanceOf(PayableError);
    }),
    { numRuns: 500 },
  );
});
