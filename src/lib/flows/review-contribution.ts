// Prepares a contribution for review: fetches and proves it, opens the current version and the earlier contributions that no version
// has yet, and compares each row with them.

import { eventsDuring } from '#lib/core/events-during.ts';
import { contributionsOf, type ChainContribution } from '#lib/datanets/contributions/chain-contributions.ts';
import { compareContribution, type ComparedRow } from '#lib/datanets/contributions/compare-contribution.ts';
import type { OpenContribution } from '#lib/datanets/contributions/contribution-reader.ts';
import { openProven } from '#lib/datanets/contributions/open-proven.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { openPublished, type DatanetFacts } from '#lib/datanets/published/published-datanet.ts';

export type ReviewEvent =
  /** It is here and proven, but has more rows than can be compared; the flow ends. */
  | { type: 'too-large' }
  /** An earlier contribution could not be read, so rows are not compared with it. */
  | { type: 'unread'; number: number }
  | { type: 'comparing'; rows: number; ofRows: number }
  /** In the order of the contribution. */
  | { type: 'compared'; rows: readonly ComparedRow[] };

export interface ReviewInput {
  facts: DatanetFacts;
  contribution: ChainContribution;
  /** A larger contribution is not compared. */
  maxRows: number;
}

type Reviewing = Pick<DatanetContext, 'chain' | 'ipfs' | 'digester' | 'records'>;
type Batch = IteratorResult<ComparedRow[], void>;

/** States in which rows are counted as said first, though no version has them yet. */
const COUNTED: readonly ChainContribution['state'][] = ['pending', 'accepted', 'appealed'];

/**
 * @throws as `openProven` and `openPublished`
 *
 * @example
 * import { reviewContribution } from '#lib/flows/review-contribution.ts';
 *
 * const input = { facts, contribution, maxRows: 10_000 };
 * for await (const event of reviewContribution(datanets, input, { signal })) {
 *   if (event.type === 'compared') show(event.rows.map(({ row, standing }) => `${row.id} ${standing.kind}`));
 * }
 */
export async function* reviewContribution(
  context: Reviewing,
  { facts, contribution, maxRows }: ReviewInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<ReviewEvent, void, void> {
  const open = await openProven(context, facts, contribution, signal);
  if (contribution.rows > maxRows) {
    yield { type: 'too-large' };
    return;
  }
  const version = facts.versions > 0 ? (await openPublished(context, facts, facts.versions, signal)).version : null;
  const all = contributionsOf(await context.records('contributions'), facts.id);
  const earlier: OpenContribution[] = [];
  for (const one of all) {
    if (one.number >= contribution.number || !COUNTED.includes(one.state)) continue;
    try {
      earlier.push(await openProven(context, facts, one, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      yield { type: 'unread', number: one.number };
    }
  }
  let push: (event: ReviewEvent) => void = () => undefined;
  const onProgress = (rows: number, ofRows: number) => push({ type: 'comparing', rows, ofRows });
  const batches = compareContribution(open, version, { digester: context.digester, earlier, onProgress, signal });
  for (;;) {
    const { done, value }: Batch = yield* eventsDuring<ReviewEvent, Batch>((report) => {
      push = report;
      return batches.next();
    });
    if (done) return;
    yield { type: 'compared', rows: value };
  }
}
