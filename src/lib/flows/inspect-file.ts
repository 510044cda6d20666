// Inspects a file before it is contributed: opens the current version to compare with, then reads every row and reports duplicates,
// private data and records that do not fit. Decides nothing and keeps nothing.

import { createLanguageDetector } from '#lib/datanets/checks/language.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import type { ImportSource } from '#lib/datanets/import/import-file.ts';
import type { Reading } from '#lib/datanets/import/import-rows.ts';
import { inspectImport, type ImportReport } from '#lib/datanets/import/inspect-import.ts';
import { openPublished, type DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { idOfFile } from '#lib/ipfs/add-files.ts';

export type InspectEvent =
  /** The version that rows are compared with. Null: there is none, or it cannot be read now (`isMissing`). */
  | { type: 'opened'; version: OpenVersion | null; isMissing: boolean }
  | { type: 'inspecting'; bytes: number; ofBytes: number; rows: number }
  | { type: 'inspected'; report: ImportReport };

export interface InspectInput {
  facts: DatanetFacts;
  file: ImportSource;
  reading: Reading;
}

/**
 * @throws as `inspectImport`
 *
 * @example
 * import { inspectFile } from '#lib/flows/inspect-file.ts';
 *
 * for await (const event of inspectFile(datanets, { facts, file: importFile, reading: {} }, { signal })) {
 *   if (event.type === 'inspecting') show(`${event.rows} rows read`);
 *   if (event.type === 'inspected') show(`${event.report.duplicates.exact} of ${event.report.rows} are duplicates`);
 * }
 */
export async function* inspectFile(
  context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>,
  { facts, file, reading }: InspectInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<InspectEvent, void, void> {
  const version = await openNewest(context, facts, signal);
  yield { type: 'opened', version, isMissing: version === null && facts.versions > 0 };
  const batches = inspectImport(file, {
    ...reading,
    // Pictures only get their ids here; `contribute` stores them.
    attach: idOfFile,
    languageOf: await createLanguageDetector(),
    known: version ?? undefined,
    ...{ licence: facts.licence, digester: context.digester, signal },
  });
  let rows = 0;
  for (;;) {
    const { done, value } = await batches.next();
    if (done) {
      yield { type: 'inspected', report: value };
      return;
    }
    rows += value.rows.length;
    yield { type: 'inspecting', bytes: value.bytes, ofBytes: file.size, rows };
  }
}

/** Null when it cannot be read: that is no reason not to contribute. */
async function openNewest(
  context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>,
  facts: DatanetFacts,
  signal: AbortSignal,
): Promise<OpenVersion | null> {
  if (facts.versions === 0) return null;
  try {
    return (await openPublished(context, facts, facts.versions, signal)).version;
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}
