// Restores the reading order of a PDF page. Programs draw lines in any order; of two columns the left one comes first. A table
// has short cells and keeps its rows.

export interface PlacedText {
  text: string;
  /** Left end and baseline, in points from the bottom left. */
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Columns have at least this many lines and characters. */
const [MIN_LINES, MIN_CHARS] = [3, 12];
/** Share of lines that may cross the gap between columns: titles, wide figures. */
const MAX_ACROSS = 0.3;
const MAX_COLUMNS_DEEP = 3;

/** The lines of the page; null when it has no columns, and the file's order is right. */
export function readColumns(items: readonly PlacedText[]): string[] | null {
  const segments = joinNeighbours(items);
  return findGutter(segments) === null ? null : linesOf(segments, 0);
}

/** Joins neighbouring items of a line unless a column could begin between them. */
function joinNeighbours(items: readonly PlacedText[]): PlacedText[] {
  const segments: PlacedText[] = [];
  for (const item of items) {
    if (item.text.trim() === '') continue;
    const last = segments.at(-1);
    const gap = last ? item.x - (last.x + last.width) : 0;
    const height = Math.max(last?.height ?? 0, item.height, 1);
    if (last && Math.abs(item.y - last.y) < height / 2 && gap > -height && gap < 1.5 * height) {
      last.text += gap > 0.15 * height && !/\s$/.test(last.text) ? ` ${item.text}` : item.text;
      last.width = item.x + item.width - last.x;
    } else segments.push({ ...item });
  }
  return segments;
}

/** Groups lines by their height on the page, each from left to right. */
function rowsOf(segments: readonly PlacedText[]): PlacedText[][] {
  const rows: PlacedText[][] = [];
  for (const one of segments.toSorted((a, b) => b.y - a.y || a.x - b.x)) {
    const row = rows.at(-1);
    if (row && Math.abs(row[0]!.y - one.y) < Math.max(one.height, 1) / 2) row.push(one);
    else rows.push([one]);
  }
  for (const row of rows) row.sort((a, b) => a.x - b.x);
  return rows;
}

/** Position of the gap between two columns, or null. */
function findGutter(segments: readonly PlacedText[]): number | null {
  const rows = rowsOf(segments).filter((row) => row.length > 1);
  let best: { at: number; lines: number } | null = null;
  // A column begins where many lines begin.
  const starts = new Map<number, number>();
  for (const row of rows)
    for (const { x } of row.slice(1)) starts.set(Math.round(x), (starts.get(Math.round(x)) ?? 0) + 1);
  for (const [start] of [...starts].sort((a, b) => b[1] - a[1]).slice(0, 8)) {
    const at = start - 1;
    const across = segments.filter(({ x, width }) => x < at - 1 && x + width > at + 1).length;
    const both = rows.filter(
      (row) => row.some(({ x, width }) => x + width <= at + 1) && row.some(({ x }) => x >= at - 1),
    );
    const left = segments.filter(({ x, width }) => x + width <= at + 1);
    const right = segments.filter(({ x }) => x >= at - 1);
    const isProse =
      Math.min(median(left.map(({ text }) => text.length)), median(right.map(({ text }) => text.length))) >= MIN_CHARS;
    if (both.length < MIN_LINES || across > MAX_ACROSS * segments.length || !isProse) continue;
    if (!best || both.length > best.lines) best = { at, lines: both.length };
  }
  return best?.at ?? null;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** A line across both columns ends a band; within a band the left column comes first. */
function linesOf(segments: readonly PlacedText[], depth: number): string[] {
  const gutter = depth < MAX_COLUMNS_DEEP ? findGutter(segments) : null;
  if (gutter === null) return rowsOf(segments).map((row) => row.map(({ text }) => text.trimEnd()).join(' '));
  const lines: string[] = [];
  let [left, right]: PlacedText[][] = [[], []];
  const endBand = (): void => {
    lines.push(...linesOf(left!, depth + 1), ...linesOf(right!, depth + 1));
    [left, right] = [[], []];
  };
  for (const one of segments.toSorted((a, b) => b.y - a.y || a.x - b.x)) {
    if (one.x >= gutter - 1) right!.push(one);
    else if (one.x + one.width <= gutter + 1) left!.push(one);
    else {
      endBand();
      lines.push(one.text);
    }
  }
  endBand();
  return lines;
}
