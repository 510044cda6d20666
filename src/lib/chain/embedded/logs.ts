// Matches logs against a filter, by the rule of `eth_getLogs`.

import type { LogRecord } from './block-record.ts';
import type { LogFilter } from './rpc-params.ts';

/** Whether `log` has one of the addresses, and one of the topics at every position that names some. */
export function matchesLog({ address, topics }: LogRecord, filter: Pick<LogFilter, 'addresses' | 'topics'>): boolean {
  if (filter.addresses.length > 0 && !filter.addresses.includes(address)) return false;
  return filter.topics.every(
    // A log with fewer topics than the filter's positions never matches, even when a position allows any topic.
    (allowed, at) => at < topics.length && (allowed === null || allowed.length === 0 || allowed.includes(topics[at]!)),
  );
}
