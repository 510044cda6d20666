// The container with hostile headers: every inconsistency is refused by name, every valid file round-trips.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFloats } from './floats.ts';
import { PayableError } from '#lib/core/errors.ts';
import { encodeSafetensors, parseSafetensors } from './safetensors.ts';

function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + dataBytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  return out;
}

const parse = (bytes: Uint8Array, size = bytes.length) => parseSafetensors(bytes, size, 'm.safetensors');
const entry = (shape: unknown, from: unknown, to: unknown, dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe('an inconsistent header', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /0 bytes, less than a safetensors header/],
    ['a short length', new Uint8Array(5), /5 bytes/],
    ['a length past the end', file('{}').subarray(0, 9), /past the end/],
    ['a huge length', new Uint8Array(8).fill(0xff), /above the limit/],
    ['not JSON', file('{"a":'), /not valid JSON/],
    ['not an object', file('[1]'), /not an object/],
    [
      'invalid UTF-8',
      (() => {
        const b = file('{"a":1}');
        b[9] = 0xff;
        return b;
      })(),
      /not valid UTF-8/,
    ],
    [
      'a name twice',
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
      /"a" occurs twice/,
    ],
    [
      'a field twice',
      file('{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}', 4),
      /"dtype" occurs twice/,
    ],
    ['an entry of text', file({ a: 'x' }), /tensor "a": the entry is not an object/],
    ['an unknown dtype', file({ a: entry([1], 0, 1, 'F3_E1M1') }, 1), /tensor "a": dtype "F3_E1M1" is not supported/],
    ['half a byte', file({ a: entry([3], 0, 2, 'F4') }, 2), /needs 1.5 bytes/],
    ['an inherited dtype', file({ a: entry([1], 0, 1, 'toString') }, 1), /dtype "toString" is not supported/],
    ['a numeric dtype', file({ a: entry([1], 0, 4, 4) }, 4), /"dtype" is not a string/],
    ['a negative size', file({ a: entry([-1], 0, 4) }, 4), /"shape" holds -1/],
    ['a fractional size', file({ a: entry([1.5], 0, 6) }, 6), /"shape" holds 1.5/],
    ['an unsafe size', file({ a: entry([2 ** 60], 0, 4) }, 4), /"shape" holds/],
    ['a shape product that overflows', file({ a: entry([2 ** 40, 2 ** 40], 0, 4) }, 4), /needs .* bytes/],
    ['too many dimensions', file({ a: entry(Array(9).fill(1), 0, 4) }, 4), /9 dimensions/],
    ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /"shape" is missing/],
    ['three offsets', file({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 8), /not a pair/],
    ['backward offsets', file({ a: entry([1], 8, 4) }, 8), /runs backwards/],
    ['a wrong size', file({ a: entry([2], 0, 4) }, 4), /needs 8 bytes, "data_offsets" gives 4/],
    ['data past the end', file({ a: entry([2], 0, 8) }, 4), /bytes end at .* only/],
    ['an overlap', file({ a: entry([2], 0, 8), b: entry([1], 4, 8) }, 8), /tensor "b": field "data_offsets" overlaps/],
    ['a hole', file({ a: entry([1], 0, 4), b: entry([1], 8, 12) }, 12), /hole of 4 bytes/],
    ['bytes behind the last tensor', file({ a: entry([1], 0, 4) }, 9), /5 bytes follow/],
    ['metadata that is no map', file({ __metadata__: { a: 1 } }), /__metadata__/],
  ])('%s', (_, bytes, message) => {
    expect(() => parse(bytes)).toThrow(message);
    expect(() => parse(bytes)).toThrow(PayableError);
  });
});

test('a scalar, an empty tensor and a tensor named __proto__ are valid', () => {
  const header =
    '{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"e":{"dtype":"F16","shape":[0,7],"data_offsets":[4,4]}}';
  expect(parse(file(header, 4)).tensors.map((t) => [t.name, t.end - t.start])).toEqual([
    ['__proto__', 4],
    ['e', 0],
  ]);
});

test('a tensor may have any name except that of the metadata', () => {
  const bytes = encodeSafetensors([{ name: '__proto__', dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) }]);
  expect(parse(bytes).tensors.map((t) => [t.name, bytes.slice(t.start, t.end)])).toEqual([
    ['__proto__', Uint8Array.of(1, 2, 3)],
  ]);
});

test('encode then parse gives the same tensors', () => {
  const tensor = fc.record({
    shape: fc.array(fc.nat(5), { maxLength: 4 }),
    dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I64', 'U8'),
  });
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((s) => s !== '__metadata__'),
        tensor,
        { maxKeys: 6, noNullPrototype: true },
      ),
      (tensors) => {
        const size = { F32: 4, F16: 2, BF16: 2, I64: 8, U8: 1 } as const;
        const given = Object.entries(tensors).map(([name, { shape, dtype }]) => {
          const d = dtype;
          return {
            name,
            dtype: d,
            shape,
            data: new Uint8Array(shape.reduce((a, b) => a * b, size[d])).map((_, i) => i),
          };
        });
        const bytes = encodeSafetensors(given);
        const { tensors: read, metadata } = parse(bytes);
        expect(metadata).toEqual({ format: 'pt' });
        expect(new Map(read.map((t) => [t.name, [t.dtype, t.shape, bytes.slice(t.start, t.end)]]))).toEqual(
          new Map(given.map((t) => [t.name, [t.dtype, t.shape, t.data]])),
        );
      },
    ),
  );
});

test('arbitrary bytes give a header or a PayableError', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(64), (json, extra) => {
      try {
        parse(file(json, extra));
      } catch (error) {
        expect(error).toBeInstanceOf(PayableError);
      }
    }),
    { numRuns: 300 },
  );
});

test('half, bfloat and double bytes become their f32 values, at odd offsets too', () => {
  const at = (bytes: number[]) => new Uint8Array([9, ...bytes]).subarray(1);
  expect([...decodeFloats(at([0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c, 0xff, 0x7b]), 'F16', 'x')]).toEqual([
    1,
    -2,
    2 ** -24,
    Infinity,
    65504,
  ]);
  expect([...decodeFloats(at([0x80, 0x3f, 0x00, 0xc0, 0x80, 0x7f]), 'BF16', 'x')]).toEqual([1, -2, Infinity]);
  expect([...decodeFloats(at([...new Uint8Array(new Float64Array([0.5]).buffer)]), 'F64', 'x')]).toEqual([0.5]);
  expect(() => decodeFloats(at([0, 0]), 'I16', 'm: tensor "t"')).toThrow(
    'm: tensor "t": dtype "I16" is not a floating-point type.',
  );
});
