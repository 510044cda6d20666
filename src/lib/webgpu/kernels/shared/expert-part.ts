// A part of a matrix that holds all experts of a layer, and how kernels over chosen experts know which rows it has.
// A kernel runs once a part, and passes over the pairs of row and expert whose weights lie in another.

export interface ExpertPart {
  firstRow: number;
  rows: number;
  /** Groups of columns. */
  groups: number;
}

/** The words of the `call` uniform. */
export const encodePartCall = (part: ExpertPart): Uint32Array<ArrayBuffer> =>
  new Uint32Array([part.firstRow, part.rows, part.groups, 0]);

/** `fn in_part(row) -> bool`, over a `call` of that form. */
export const partFunction = `fn in_part(row: u32) -> bool {
  return row >= call.first_row && row - call.first_row < call.rows;
}`;

/** Words of one chosen expert: its number, the bits of its weight. */
export const CHOICE_WORDS = 2;
