// compressed-tensors in its "pack-quantized" form: `weight_packed` [outputs, words] holds the numbers of an output in its row, as many to
// a word as fit, `weight_scale` [outputs, groups], `weight_zero_point` [words, groups] where groups are not symmetric, `weight_g_idx`
// where inputs were put in order, and `weight_shape`, which says where the last word ends.

import { evenGroups, groupedRows } from './grouped-rows.ts';
import { FLOATS, WORDS, type PackedParts } from './packed-parts.ts';
import { readFloats, readWords, type PackedMatrix } from './packed-tensor.ts';

const BITS = [2, 4, 8];

export async function packQuantisedMatrix(parts: PackedParts, signal?: AbortSignal): Promise<PackedMatrix> {
  const { folder, module, fail } = parts;
  const numbers = parts.matrix('weight_packed', WORDS);
  const scales = parts.optional('weight_scale', FLOATS) ?? fail('weight_scale', 'is missing');
  const packedZeros = parts.optional('weight_zero_point', WORDS);
  const order = parts.optional('weight_g_idx', WORDS);
  const shape = parts.optional('weight_shape', ['I64', 'I32']) ?? fail('weight_shape', 'is missing');
  // Activations are computed in 32 bits here.
  parts.optional('input_scale', FLOATS);
  if (shape.shape.join() !== '2') return fail('weight_shape', 'is not two numbers');
  const sides = await readWords(folder, shape, signal);
  const [rows, columns] = shape.dtype === 'I64' ? [sides[0]!, sides[2]!] : [sides[0]!, sides[1]!];
  const [, across] = numbers.shape;
  const bits = BITS.find((b) => Math.ceil(columns / (32 / b)) === across);
  if (bits === undefined || rows !== numbers.shape[0] || columns === 0)
    return fail(
      'weight_packed',
      `has shape [${numbers.shape.join(', ')}], which does not fit ${rows} x ${columns} numbers`,
    );
  const groups = scales.shape.length === 2 ? scales.shape[1]! : 1;
  const count = scales.shape.reduce((product, side) => product * side, 1);
  if (groups === 0 || columns % groups !== 0 || (count !== rows * groups && count !== 1))
    return fail(
      'weight_scale',
      `has shape [${scales.shape.join(', ')}], which does not fit ${rows} x ${columns} numbers`,
    );
  const perWord = 32 / bits;
  if (packedZeros && packedZeros.shape.join() !== [Math.ceil(rows / perWord), groups].join())
    return fail('weight_zero_point', `has shape [${packedZeros.shape.join(', ')}]`);
  if (order && order.shape.join() !== String(columns))
    return fail('weight_g_idx', 'does not name a group for each input');
  const mask = 2 ** bits - 1;
  return {
    name: `${module}.weight`,
    rows,
    columns,
    async open(signal) {
      const words = await readWords(folder, numbers, signal);
      const given = await readFloats(folder, scales, signal);
      const zeroWords = packedZeros && (await readWords(folder, packedZeros, signal));
      const of = order ? await readWords(folder, order, signal) : evenGroups(columns, columns / groups);
      if (of.some((group) => group >= groups))
        return fail('weight_g_idx', `names a group that is not among the ${groups}`);
      const zeros = new Float32Array(rows * groups).fill(2 ** (bits - 1));
      if (zeroWords) {
        for (let row = 0; row < rows; row++)
          for (let group = 0; group < groups; group++)
            zeros[row * groups + group] =
              (zeroWords[Math.floor(row / perWord) * groups + group]! >>> (bits * (row % perWord))) & mask;
      }
      const table = {
        count: groups,
        of,
        scales: count === 1 ? new Float32Array(rows * groups).fill(given[0]!) : given,
        zeros,
      };
      return (first, end) =>
        Promise.resolve(
          groupedRows(columns, table, first, end, (row, out) => {
            for (let column = 0; column < columns; column++)
              out[column] =
                (words[row * across + Math.floor(column / perWord)]! >>> (bits * (column % perWord))) & mask;
          }),
        );
    },
  };
}
