// How long decode steps of so many rows take, as measured. It knows times; it does not know what rows are for.

export interface StepCosts {
  took(rows: number, milliseconds: number): void;
  /** Null where too few such steps were measured lately. */
  of(rows: number): number | null;
}

/** Measurements that count. */
const KEPT = 9;
/** Fewer may all be outliers. */
const ENOUGH = 3;
/** Steps after which a measurement counts no more: caches grow, and other programs come and go. */
const LASTING = 256;

/** `tileRows`: rows that the matrix kernels take at once, so that fewer cost the same. One row has kernels of its own. */
export function createStepCosts(tileRows: number): StepCosts {
  const byTiles = new Map<number, { step: number; milliseconds: number }[]>();
  const tilesOf = (rows: number) => (rows === 1 ? 0 : Math.ceil(rows / tileRows));
  let steps = 0;
  return {
    took(rows, milliseconds) {
      const tiles = tilesOf(rows);
      byTiles.set(tiles, [...(byTiles.get(tiles) ?? []), { step: ++steps, milliseconds }].slice(-KEPT));
    },
    of(rows) {
      const fresh = byTiles.get(tilesOf(rows))?.filter(({ step }) => steps - step < LASTING) ?? [];
      if (fresh.length < ENOUGH) return null;
      return fresh.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)[fresh.length >> 1]!;
    },
  };
}
