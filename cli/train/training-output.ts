// The directory that a training writes: an adapter or one folder for each, manifests, curves, and checkpoints until it is done.

import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { RunFiles } from '#lib/core/run-files.ts';
import type { TrainEvent, TrainResult } from '#lib/flows/train-event.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { FileError } from '#node/errors.ts';
import { replaceFile } from '#node/replace-file.ts';
import { createDiskRunFiles } from '#node/run-files.ts';
import { UsageError } from '../errors.ts';
import { isDirectory } from '../input-files.ts';

/** The only run of the directory. */
export const RUN = 'run';
export const CHECKPOINTS = 'checkpoints';
export const MANIFEST = 'manifest.json';
const CURVES = 'curves.jsonl';

export interface TrainingOutput {
  path: string;
  runs: RunFiles;
  /** Appends what curves are drawn from. After a resumption, lines of later steps are removed first. */
  note(event: TrainEvent): Promise<void>;
  /** @returns the folders of the adapters */
  write(result: TrainResult): Promise<string[]>;
}

/** @throws FileError, UsageError */
export function openTrainingOutput(given: string, isResumed: boolean): TrainingOutput {
  const path = resolve(given);
  if (!isDirectory(dirname(path)))
    throw new FileError(dirname(path), 'there is no such directory', 'Make it, or choose another --out.');
  const isFull = existsSync(path) && (!isDirectory(path) || readdirSync(path).length > 0);
  const hasRun = isDirectory(join(path, CHECKPOINTS, RUN));
  if (isResumed && !hasRun)
    throw new UsageError(`${path} holds no training that can go on.`, 'Name the --out of a training that was stopped.');
  if (!isResumed && isFull) {
    const hint = hasRun ? 'Add --resume to go on with the training in it.' : 'Name a new directory with --out.';
    throw new FileError(path, 'the directory is not empty', hint);
  }
  const curves = join(path, CURVES);
  return {
    path,
    runs: createDiskRunFiles(join(path, CHECKPOINTS)),
    async note(event) {
      if (event.type === 'resumed' && existsSync(curves)) {
        const lines = readFileSync(curves, 'utf8')
          .split('\n')
          .filter((line) => line !== '' && stepOf(line) <= event.step);
        await replaceFile(curves, [new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''))]);
      }
      if (event.type !== 'step' && event.type !== 'validation' && event.type !== 'sample') return;
      await mkdir(path, { recursive: true });
      appendFileSync(curves, `${JSON.stringify(event)}\n`);
    },
    async write({ adapters, manifests }) {
      const folders = adapters.map(({ name }) => (adapters.length === 1 ? path : join(path, name)));
      for (const [job, { files }] of adapters.entries()) {
        const folder = folders[job]!;
        await mkdir(folder, { recursive: true });
        await replaceFile(join(folder, MANIFEST), [new TextEncoder().encode(`${manifests[job]!}\n`)]);
        // Last, so that a directory with a configuration is a whole adapter.
        const inOrder = [...files].sort(
          (one, other) => +(one.path === ADAPTER_CONFIG) - +(other.path === ADAPTER_CONFIG),
        );
        for (const { path: file, bytes } of inOrder) await replaceFile(join(folder, file), [bytes]);
      }
      return folders;
    },
  };
}

/** A line that was cut short counts as a later one. */
function stepOf(line: string): number {
  const [, step] = /"step":(\d{1,9})[,}]/.exec(line) ?? [];
  return step === undefined || !line.endsWith('}') ? Infinity : Number(step);
}
