// bitsandbytes in 4 bits (NF4 and FP4): the numbers of a matrix, row by row, two to a byte, the first in the upper half. `quant_map`
// has their 16 values, `absmax` the factor of each block. With double quantisation factors are 8-bit numbers: `nested_quant_map` has
// their values, `nested_absmax` a factor for each block of them, and an offset is added. The rest is JSON in a tensor of bytes.

import { parseJsonObject, type JsonObject } from '../../json/json-file.ts';
import { FLOATS, type PackedParts } from './packed-parts.ts';
import { readBytes, readFloats, type PackedMatrix } from './packed-tensor.ts';

/** What the name of the tensor with the JSON begins with, behind that of the weight; the type follows. */
const STATE = 'weight.quant_state.bitsandbytes__';
const TYPES = ['nf4', 'fp4'];
const MAX_STATE_BYTES = 4096;
const MAX_BLOCK = 65_536;
/** The type of storage says nothing about the numbers: FSDP stores the same bytes as bf16. */
const STORAGE = ['U8', 'F32', 'F16', 'BF16'] as const;

export const isFourBits = ({ has }: Pick<PackedParts, 'has'>): boolean => TYPES.some((type) => has(STATE + type));

export async function fourBitMatrix(parts: PackedParts, signal?: AbortSignal): Promise<PackedMatrix> {
  const { folder, module, fail } = parts;
  const need = (part: string, dtypes: Parameters<PackedParts['optional']>[1]) =>
    parts.optional(part, dtypes) ?? fail(part, 'is missing');
  const part = STATE + TYPES.find((type) => parts.has(STATE + type))!;
  const stored = need(part, ['U8']);
  if (stored.end - stored.start > MAX_STATE_BYTES) return fail(part, 'is longer than a description of blocks');
  const text = new TextDecoder().decode(await readBytes(folder, stored, signal));
  const state = parseJsonObject(text, `${folder.name}/${stored.file}`);
  const size = (from: JsonObject, field: string): number => {
    const value = from[field];
    const isSize = typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_BLOCK;
    return isSize ? value : fail(part, `has no field "${field}" between 1 and ${MAX_BLOCK}`);
  };
  const shape: unknown = state['shape'];
  const isMatrix =
    Array.isArray(shape) &&
    shape.length === 2 &&
    shape.every((side) => Number.isSafeInteger(side) && (side as number) > 0);
  if (!isMatrix) return fail(part, 'has no field "shape" with two sides');
  const [rows, columns] = shape as [number, number];
  const numbers = need('weight', STORAGE);
  if (numbers.end - numbers.start !== Math.ceil((rows * columns) / 2))
    return fail(
      'weight',
      `has ${numbers.end - numbers.start} bytes, which are not ${rows} x ${columns} numbers of 4 bits`,
    );
  const block = size(state, 'blocksize');
  const blocks = Math.ceil((rows * columns) / block);
  const isNested = parts.has('weight.nested_absmax');
  const absmax = need('weight.absmax', isNested ? ['U8'] : FLOATS);
  if (absmax.shape.join() !== String(blocks))
    return fail('weight.absmax', `has shape [${absmax.shape.join(', ')}] for ${blocks} blocks`);
  const values = need('weight.quant_map', FLOATS);
  if (values.shape.join() !== '16') return fail('weight.quant_map', 'does not have 16 values');
  const readFactors = isNested ? nestedFactors(parts, size(state, 'nested_blocksize'), state['nested_offset']) : null;
  return {
    name: `${module}.weight`,
    rows,
    columns,
    async open(signal) {
      const map = await readFloats(folder, values, signal);
      const factors = readFactors
        ? await readFactors(await readBytes(folder, absmax, signal), signal)
        : await readFloats(folder, absmax, signal);
      return async (first, end, signal) => {
        const [from, to] = [first * columns, end * columns];
        const byte = Math.floor(from / 2);
        const bytes = await folder.read(numbers.file, numbers.start + byte, numbers.start + Math.ceil(to / 2), signal);
        const out = new Float32Array(to - from);
        for (let i = from; i < to; i++) {
          const pair = bytes[Math.floor(i / 2) - byte]!;
          out[i - from] = map[i % 2 === 1 ? pair & 15 : pair >> 4]! * factors[Math.floor(i / block)]!;
        }
        return out;
      };
    },
  };
}

function nestedFactors(parts: PackedParts, block: number, offset: unknown) {
  const { folder, fail } = parts;
  const of = parts.optional('weight.nested_absmax', FLOATS)!;
  const values = parts.optional('weight.nested_quant_map', FLOATS) ?? fail('weight.nested_quant_map', 'is missing');
  if (values.shape.join() !== '256') return fail('weight.nested_quant_map', 'does not have 256 values');
  if (typeof offset !== 'number') return fail('weight.nested_absmax', 'has no offset beside it');
  return async (numbers: Uint8Array, signal?: AbortSignal): Promise<Float32Array> => {
    const map = await readFloats(folder, values, signal);
    const factors = await readFloats(folder, of, signal);
    if (factors.length !== Math.ceil(numbers.length / block))
      return fail('weight.nested_absmax', `has ${factors.length} factors for ${numbers.length} numbers`);
    return Float32Array.from(
      numbers,
      (number, i) => Math.fround(map[number]! * factors[Math.floor(i / block)]!) + offset,
    );
  };
}
