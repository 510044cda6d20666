// How well and how fast the rows behind an answer are found: for every question that comes with a model, whether the row with the
// asked fact is first in the evidence of its answer, beside simpler rankings; and how long indexes and traces take. Prints nothing.

import { createRng } from '#lib/core/rng.ts';
import { createDigester, type Digester } from '#lib/core/digester.ts';
import { createEvidenceBuilder } from '#lib/attribution/evidence/evidence-builder.ts';
import { memoryEvidenceStore } from '#lib/attribution/evidence/memory-evidence-store.ts';
import { openEvidence, type OpenEvidence } from '#lib/attribution/evidence/open-evidence.ts';
import { indexEvidence } from '#lib/flows/index-evidence.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { RANKINGS, type AskedFact } from './evidence-rankings.ts';
import { indexRow, measureMade, type IndexRow, type LatencyRow } from './made-index.ts';

export interface AttributionField {
  name: string;
  version: OpenVersion;
  questions: readonly AskedFact[];
}

export interface AttributionBenchOptions {
  fields: readonly AttributionField[];
  /** Words of the made text whose index is measured; 0 leaves it out. */
  tokens: number;
  onProgress(line: string): void;
  signal: AbortSignal;
}

/** A mean with the interval that holds 95 % of the means of as many questions drawn again (bootstrap). */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export interface RankingRow {
  ranking: string;
  /** The row is searched for in its own Datanet, or in all of them. */
  among: 'own' | 'all';
  questions: number;
  /** Share of questions whose row is first. */
  first: Estimate;
  /** Mean of 1 / rank; 0 beyond the first 50 rows. */
  reciprocalRank: Estimate;
}

export interface AttributionBenchResult {
  rankings: RankingRow[];
  indexes: IndexRow[];
  latencies: LatencyRow[];
}

/** Sets of questions that are drawn again for an interval. */
const RESAMPLES = 2000;

export async function benchAttribution(options: AttributionBenchOptions): Promise<AttributionBenchResult> {
  const { fields, tokens, onProgress } = options;
  const digester = await createDigester();
  const indexes: IndexRow[] = [];
  const opened: OpenEvidence[] = [];
  for (const { name, version } of fields) {
    const { row, evidence } = await measureIndex(name, version, digester, options.signal);
    indexes.push(row);
    opened.push(evidence);
  }
  const rankings: RankingRow[] = [];
  for (const among of ['own', 'all'] as const) {
    for (const [ranking, rankOf] of Object.entries(RANKINGS)) {
      const ranks: number[] = [];
      for (const [at, { questions }] of fields.entries()) {
        options.signal.throwIfAborted();
        const evidence = among === 'own' ? [opened[at]!] : opened;
        const version = among === 'own' ? 0 : at;
        for (const fact of questions) ranks.push(await rankOf(fact, evidence, version));
      }
      rankings.push(summed(ranking, among, ranks));
      onProgress(`${ranking}, ${among}: first for ${ranks.filter((rank) => rank === 1).length} of ${ranks.length}`);
    }
  }
  const latencies: LatencyRow[] = [];
  if (tokens > 0) {
    onProgress(`an index of ${tokens} words of made text`);
    const made = measureMade(tokens, digester);
    indexes.push(made.row);
    latencies.push(...made.latencies);
  }
  return { rankings, indexes, latencies };
}

function summed(ranking: string, among: 'own' | 'all', ranks: readonly number[]): RankingRow {
  return {
    ranking,
    among,
    questions: ranks.length,
    first: estimate(ranks.map((rank) => (rank === 1 ? 1 : 0))),
    reciprocalRank: estimate(ranks.map((rank) => (rank === 0 ? 0 : 1 / rank))),
  };
}

function estimate(values: readonly number[]): Estimate {
  const rng = createRng(1);
  const mean = (pick: (at: number) => number): number =>
    values.reduce((sum, _, at) => sum + values[pick(at)]!, 0) / values.length;
  const means = Array.from({ length: RESAMPLES }, () => mean(() => rng.below(values.length))).sort((a, b) => a - b);
  const at = (share: number): number => means[Math.round(share * (RESAMPLES - 1))]!;
  return { value: mean((n) => n), low: at(0.025), high: at(0.975) };
}

async function measureIndex(name: string, version: OpenVersion, digester: Digester, signal: AbortSignal) {
  const store = memoryEvidenceStore();
  const began = performance.now();
  const context = { builder: createEvidenceBuilder(createDigester), store, digester };
  for await (const _ of indexEvidence(context, version, { signal }));
  const built = performance.now();
  const root = (await store.indexOf(version.cid))!;
  const evidence = await openEvidence(version, root, store, digester, signal);
  const openMs = performance.now() - built;
  const bytes = [...store.blocks.values()].reduce((sum, { length }) => sum + length, 0);
  const sizes = evidence.segments.map(({ segment }) => segment);
  return { row: indexRow(name, sizes, built - began, openMs, bytes), evidence };
}
