// Numbers of rows as weights of the registry, which have 16 bits: as they are where they fit, else in proportion and at least 1.

const MOST = 0xffff;

export function rowWeights(rows: readonly number[]): number[] {
  const most = Math.max(...rows, 1);
  return most <= MOST ? [...rows] : rows.map((count) => Math.max(1, Math.floor((count / most) * MOST)));
}
