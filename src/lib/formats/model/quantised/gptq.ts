// GPTQ, as AutoGPTQ and GPTQModel write it: `qweight` [inputs * bits / 32, outputs] holds each output's numbers as one stream of bits
// down its column, `qzeros` [groups, outputs * bits / 32] those of the zeros along a row, `scales` [groups, outputs]. `g_idx` names
// the group of each input where they were put in order of their effect (desc_act). Bits follow from the shapes.

import { evenGroups, groupedRows } from './grouped-rows.ts';
import { FLOATS, WORDS, type PackedParts } from './packed-parts.ts';
import { readFloats, readWords, type PackedMatrix } from './packed-tensor.ts';

const BITS = [2, 3, 4, 8];

export interface GptqForm {
  /** The first form stores a zero less one. */
  addsOne: boolean;
  /** Inputs to a group where no `g_idx` says; null: one group. */
  groupSize: number | null;
}

export function gptqMatrix(parts: PackedParts, { addsOne, groupSize }: GptqForm): PackedMatrix {
  const { folder, module, fail } = parts;
  const numbers = parts.matrix('qweight', WORDS);
  const packedZeros = parts.matrix('qzeros', WORDS);
  const scales = parts.matrix('scales', FLOATS);
  const order = parts.optional('g_idx', WORDS);
  const [groups, rows] = scales.shape;
  const bits = BITS.find((b) => Math.ceil((rows * b) / 32) === packedZeros.shape[1]);
  if (bits === undefined || packedZeros.shape[0] !== groups)
    return fail('qzeros', `has shape [${packedZeros.shape.join(', ')}], which does not fit ${groups} x ${rows} zeros`);
  const columns = order?.shape[0] ?? Math.floor((numbers.shape[0] * 32) / bits);
  if (numbers.shape[1] !== rows || numbers.shape[0] !== Math.ceil((columns * bits) / 32))
    return fail(
      'qweight',
      `has shape [${numbers.shape.join(', ')}], which does not fit ${columns} inputs and ${rows} outputs`,
    );
  const size = groupSize ?? columns;
  if (!order && Math.ceil(columns / size) !== groups)
    return fail('scales', `has ${groups} groups, the config asks for ${Math.ceil(columns / size)}`);
  const mask = 2 ** bits - 1;
  return {
    name: `${module}.weight`,
    rows,
    columns,
    async open(signal) {
      const words = await readWords(folder, numbers, signal);
      const of = order ? new Uint32Array(await readWords(folder, order, signal)) : evenGroups(columns, size);
      if (of.some((group) => group >= groups)) return fail('g_idx', `names a group that is not among the ${groups}`);
      const zeroWords = await readWords(folder, packedZeros, signal);
      const byGroup = await readFloats(folder, scales, signal);
      const table = {
        count: groups,
        of,
        scales: new Float32Array(rows * groups),
        zeros: new Float32Array(rows * groups),
      };
      const across = packedZeros.shape[1];
      for (let group = 0; group < groups; group++) {
        for (let row = 0; row < rows; row++) {
          table.scales[row * groups + group] = byGroup[group * rows + row]!;
          const zero = numberAt(zeroWords, group * across, 1, row * bits, bits);
          table.zeros[row * groups + group] = addsOne ? (zero + 1) & mask : zero;
        }
      }
      return (first, end) =>
        Promise.resolve(
          groupedRows(columns, table, first, end, (row, out) => {
            for (let column = 0; column < columns; column++)
              out[column] = numberAt(words, row, rows, column * bits, bits);
          }),
        );
    },
  };
}

/** `bits` bits from bit `bit` on of a stream whose words lie `stride` apart; three bits may begin in one word and end in the next. */
function numberAt(words: Uint32Array, from: number, stride: number, bit: number, bits: number): number {
  const at = from + (bit >>> 5) * stride;
  const shift = bit & 31;
  let value = words[at]! >>> shift;
  if (shift + bits > 32) value |= words[at + stride]! << (32 - shift);
  return value & (2 ** bits - 1);
}
