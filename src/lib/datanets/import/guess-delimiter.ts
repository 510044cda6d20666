// Guesses the delimiter of a table: from an explicit `sep=` line, otherwise from what the first lines agree on.

import { createDelimitedParser } from './parse-delimited.ts';

const DELIMITERS = [',', ';', '\t', '|'];
const LOOKED_LINES = 50;

export interface Guess {
  delimiter: string;
  /** Characters at the start that only name the delimiter: Excel's `sep=;`. */
  skip: number;
}

export function guessDelimiter(sample: string, isWhole: boolean): Guess {
  const named = /^sep=([^\r\n"])\r?\n/i.exec(sample);
  if (named) return { delimiter: named[1]!, skip: named[0].length };
  let best = { delimiter: ',', share: 0, columns: 1 };
  for (const delimiter of DELIMITERS) {
    const parser = createDelimitedParser(delimiter);
    // The last line may be cut off by the sample, so it does not count.
    const lines = [...parser.push(sample), ...(isWhole ? parser.end() : [])].slice(0, LOOKED_LINES);
    const columns = lines[0]?.fields.length ?? 0;
    if (columns < 2) continue;
    const fit = lines.filter(({ fields, fault }) => fields.length === columns && fault === null).length;
    const share = fit / lines.length;
    if (share > best.share || (share === best.share && columns > best.columns)) best = { delimiter, share, columns };
  }
  return { delimiter: best.delimiter, skip: 0 };
}
