// AWQ in its "gemm" form: `qweight` [inputs, outputs / 8] holds eight outputs of one input in a word, in the order of its kernel;
// `qzeros` [groups, outputs / 8] in the same order, `scales` [groups, outputs].

import { evenGroups, groupedRows } from './grouped-rows.ts';
import { FLOATS, WORDS, type PackedParts } from './packed-parts.ts';
import { readFloats, readWords, type PackedMatrix } from './packed-tensor.ts';

/** Which four bits of a word hold each of its eight outputs. */
const PLACES = [0, 4, 1, 5, 2, 6, 3, 7];

export function awqMatrix(parts: PackedParts): PackedMatrix {
  const { folder, module, fail } = parts;
  const numbers = parts.matrix('qweight', WORDS);
  const packedZeros = parts.matrix('qzeros', WORDS);
  const scales = parts.matrix('scales', FLOATS);
  const [groups, rows] = scales.shape;
  const [columns, across] = numbers.shape;
  if (across * 8 !== rows || columns % groups !== 0)
    return fail(
      'qweight',
      `has shape [${columns}, ${across}], which does not fit scales of shape [${groups}, ${rows}]`,
    );
  if (packedZeros.shape[0] !== groups || packedZeros.shape[1] !== across)
    return fail('qzeros', `has shape [${packedZeros.shape.join(', ')}], not [${groups}, ${across}]`);
  const four = (words: Uint32Array, line: number, row: number): number =>
    (words[line * across + (row >>> 3)]! >>> (4 * PLACES[row & 7]!)) & 15;
  return {
    name: `${module}.weight`,
    rows,
    columns,
    async open(signal) {
      const words = await readWords(folder, numbers, signal);
      const zeroWords = await readWords(folder, packedZeros, signal);
      const byGroup = await readFloats(folder, scales, signal);
      const of = evenGroups(columns, columns / groups);
      const table = {
        count: groups,
        of,
        scales: new Float32Array(rows * groups),
        zeros: new Float32Array(rows * groups),
      };
      for (let group = 0; group < groups; group++) {
        for (let row = 0; row < rows; row++) {
          table.scales[row * groups + group] = byGroup[group * rows + row]!;
          table.zeros[row * groups + group] = four(zeroWords, group, row);
        }
      }
      return (first, end) =>
        Promise.resolve(
          groupedRows(columns, table, first, end, (row, out) => {
            for (let column = 0; column < columns; column++) out[column] = four(words, column, row);
          }),
        );
    },
  };
}
