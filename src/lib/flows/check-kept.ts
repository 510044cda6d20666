// Checks the files of a model kept on this device: hashes each again and compares it with the model's index.

import type { KeptFiles } from '#lib/engine/shell/kept-files.ts';
import { filesToKeep, type ModelIndex } from '#lib/registry/model-index.ts';

export interface CheckKeptContext {
  openKeptFiles(name: string): Promise<KeptFiles | null>;
}

export type CheckKeptEvent =
  | { type: 'checking'; checkedBytes: number; totalBytes: number }
  /** Damaged files were removed; opening the model fetches them again. */
  | { type: 'checked'; files: number; damaged: string[] };

/**
 * @example
 * import { openKeptFiles } from '#lib/engine/shell/kept-files.ts';
 * import { checkKept } from '#lib/flows/check-kept.ts';
 *
 * for await (const event of checkKept({ openKeptFiles }, { index }, { signal })) {
 *   if (event.type === 'checked') show(`${event.damaged.length} of ${event.files} files are damaged`);
 * }
 */
export async function* checkKept(
  context: CheckKeptContext,
  { index }: { index: ModelIndex },
  { signal }: { signal: AbortSignal },
): AsyncGenerator<CheckKeptEvent, void, void> {
  const files = filesToKeep(index);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const store = await context.openKeptFiles(index.id);
  const damaged: string[] = [];
  let checkedBytes = 0;
  for (const file of store ? files : []) {
    yield { type: 'checking', checkedBytes, totalBytes };
    if (!(await store!.check(file, signal))) damaged.push(file.path);
    checkedBytes += file.bytes;
  }
  yield { type: 'checked', files: store ? files.length : 0, damaged };
}
