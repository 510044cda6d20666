// Imports a whole file: its rows, their lines, and the reported issues.

import { expect } from 'vitest';
import { importRows, type ImportOptions } from '#lib/datanets/import/import-rows.ts';
import type { ImportFile, ImportIssue } from '#lib/datanets/import/import-file.ts';

export async function imported(file: ImportFile, options: ImportOptions = {}) {
  const rows: object[] = [];
  const lines: number[] = [];
  const issues: ImportIssue[] = [];
  let bytes = 0;
  for await (const batch of importRows(file, options)) {
    rows.push(...batch.rows.map(({ row }) => row.value));
    lines.push(...batch.rows.map(({ line }) => line));
    issues.push(...batch.issues);
    expect(batch.bytes).toBeGreaterThanOrEqual(bytes);
    bytes = batch.bytes;
  }
  return { rows, lines, issues: issues.map(({ message }) => message) };
}

/** Rows as a file of JSON Lines has them. */
export const jsonl = (rows: readonly unknown[]): string =>
  rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
