// Which logs a filter wants. It knows the rule of `eth_getLogs`; where logs come from is the chain's business.

import type { LogRecord } from './block-record.ts';
import type { LogFilter } from './rpc-params.ts';

/** Whether `log` has one of the addresses, and one of the topics at every position that names some. */
export function matchesLog({ address, topics }: LogRecord, filter: Pick<LogFilter, 'addresses' | 'topics'>): boolean {
  if (filter.addresses.length > 0 && !filter.addresses.includes(address)) return false;
  return filter.topics.every(
    // A log with fewer topics than the filter has positions never matches, even where any topic would do.
    (allowed, at) => at < topics.length && (allowed === null || allowed.length === 0 || allowed.includes(topics[at]!)),
  );
}
