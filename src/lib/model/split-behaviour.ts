// Applies a split behaviour to the matches of a pattern, as in the Rust library: remove, isolate, or merge with a neighbour.

export type Behaviour = 'Isolated' | 'Removed' | 'Contiguous' | 'MergedWithPrevious' | 'MergedWithNext';

export interface Match {
  start: number;
  end: number;
  /** False for the text between matches. */
  isMatch: boolean;
}

/** A text as a sequence of matches and the text between them. An empty match directly after another does not count. */
export function matchAll(text: string, pattern: RegExp): Match[] {
  const out: Match[] = [];
  let open = 0;
  let last = -1;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    const end = index + found.length;
    if (found === '' && index === last) continue;
    if (open !== index) out.push({ start: open, end: index, isMatch: false });
    out.push({ start: index, end, isMatch: true });
    open = last = end;
  }
  if (open !== text.length) out.push({ start: open, end: text.length, isMatch: false });
  return out;
}

export function cut(found: readonly Match[], behaviour: Behaviour, invert: boolean): Match[] {
  const matches = invert ? found.map((match) => ({ ...match, isMatch: !match.isMatch })) : found;
  switch (behaviour) {
    case 'Isolated':
      return [...matches];
    case 'Removed':
      return matches.filter(({ isMatch }) => !isMatch);
    case 'Contiguous':
      return joined(matches, (isMatch, before) => isMatch === before);
    case 'MergedWithPrevious':
      return joined(matches, (isMatch, before) => isMatch && !before);
    case 'MergedWithNext':
      // The same, in reverse.
      return joined([...matches].reverse(), (isMatch, before) => isMatch && !before).reverse();
  }
}

/** Merges a match into the previous one when `joins` says so; before the first there is no match. */
function joined(matches: readonly Match[], joins: (isMatch: boolean, before: boolean) => boolean): Match[] {
  const out: Match[] = [];
  let before = false;
  for (const { start, end, isMatch } of matches) {
    const last = out.at(-1);
    if (last && joins(isMatch, before)) {
      last.start = Math.min(last.start, start);
      last.end = Math.max(last.end, end);
    } else out.push({ start, end, isMatch });
    before = isMatch;
  }
  return out;
}
