// Which rows say the same, decided from their content alone: equal in every field but names, equal in their words, or with four of five
// runs of words in common. Names of contributors are never read. The first row of a cluster leads it, and later rows are compared with
// leaders only: a row can join a cluster, but never merge two, so no one can put the rows of others together. The same rows in the same
// order give the same clusters on every machine.

import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { sameAs } from '#lib/dataset/duplicates/find-duplicates.ts';
import { BANDS, bandHash, minHashOfWords, SIGNATURE } from '#lib/dataset/duplicates/min-hash.ts';
import { rowWords } from '#lib/dataset/duplicates/row-words.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { canonicalWords } from './canonical-words.ts';
import { isCopy, isMoreShared, noveltyOf, overlapOf, wordRuns, type Overlap } from './word-runs.ts';

export interface RowCluster {
  /** Number of the row that leads the cluster; its own for a row that says something new. */
  first: number;
  /** What the row adds to the first, of 65,536: all for the first itself, 0 for an exact copy. */
  novelty: number;
}

export interface RowClusters {
  /** Adds the next row. Rows come in the order in which they were registered. */
  add(row: JsonObject): RowCluster;
  readonly count: number;
}

export const ALL_NEW = 65_536;
/** Leaders in a bucket: the first ones, so that nothing that comes later can crowd them out. */
const MOST_IN_BUCKET = 64;
/** Leaders whose texts are compared with a row: those whose signatures are closest. */
const MOST_COMPARED = 32;
/** Equal numbers of 60 that make a comparison worth while: of copies one in 200 stays below. */
const LEAST_EQUAL = 40;

interface Leader {
  row: number;
  signature: Uint16Array;
  words: readonly string[];
}

const equalNumbers = (a: Uint16Array, b: Uint16Array): number => {
  let equal = 0;
  for (let at = 0; at < SIGNATURE; at++) if (a[at] === b[at]) equal++;
  return equal;
};

/**
 * @example
 * import { createRowClusters } from '#lib/attribution/cluster-rows.ts';
 *
 * const clusters = createRowClusters(digester);
 * const found = [{ text: 'Herons stand still.' }, { text: 'herons stand still' }].map((one) => clusters.add(one));
 * show(found[1]?.first === 0 ? 'The second row is a copy' : 'Both are new');
 */
export function createRowClusters(digester: Pick<Digester, 'keccak256'>): RowClusters {
  const encoder = new TextEncoder();
  const digestOf = (text: string): string => toHex(digester.keccak256(encoder.encode(text)));
  const byContent = new Map<string, number>();
  const byWords = new Map<string, number>();
  const buckets = new Map<string, Leader[]>();
  let count = 0;

  const near = (signature: Uint16Array): Leader[] => {
    const found = new Set<Leader>();
    for (let band = 0; band < BANDS; band++) {
      for (const leader of buckets.get(`${band} ${bandHash(signature, band)}`) ?? []) found.add(leader);
    }
    return [...found]
      .map((leader) => ({ leader, equal: equalNumbers(signature, leader.signature) }))
      .filter(({ equal }) => equal >= LEAST_EQUAL)
      .sort((a, b) => b.equal - a.equal || a.leader.row - b.leader.row)
      .slice(0, MOST_COMPARED)
      .map(({ leader }) => leader);
  };
  const closest = (words: readonly string[], signature: Uint16Array): { leader: Leader; overlap: Overlap } | null => {
    const runs = wordRuns(words);
    let best: { leader: Leader; overlap: Overlap } | null = null;
    for (const leader of near(signature)) {
      const overlap = overlapOf(runs, wordRuns(leader.words));
      if (!isCopy(overlap)) continue;
      const isEarlier = best !== null && leader.row < best.leader.row && !isMoreShared(best.overlap, overlap);
      if (best === null || isMoreShared(overlap, best.overlap) || isEarlier) best = { leader, overlap };
    }
    return best;
  };
  const lead = (leader: Leader): void => {
    for (let band = 0; band < BANDS; band++) {
      const key = `${band} ${bandHash(leader.signature, band)}`;
      const bucket = buckets.get(key);
      if (!bucket) buckets.set(key, [leader]);
      else if (bucket.length < MOST_IN_BUCKET) bucket.push(leader);
    }
  };
  /** Copies of a copy lead to the same first row. */
  const place = (row: JsonObject, number: number): RowCluster => {
    const content = digestOf(sameAs(row));
    const words = canonicalWords(rowWords(row));
    const said = words.length === 0 ? null : digestOf(words.join(' '));
    const same = byContent.get(content) ?? (said === null ? undefined : byWords.get(said));
    if (same !== undefined) return { first: same, novelty: 0 };
    const signature = minHashOfWords(words);
    const found = signature && closest(words, signature);
    const first = found ? found.leader.row : number;
    if (!found) {
      byContent.set(content, number);
      if (said !== null) byWords.set(said, number);
      if (signature) lead({ row: number, signature, words });
    }
    return { first, novelty: found ? noveltyOf(found.overlap) : ALL_NEW };
  };
  return {
    add: (row) => place(row, count++),
    get count() {
      return count;
    },
  };
}
