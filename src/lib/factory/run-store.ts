// Runs as they are kept: a record, two checkpoints written in turn, and the result. The record is written last and names the newest
// checkpoint; a checkpoint that was cut short leaves the one before.

import type { RunFiles } from '#lib/core/run-files.ts';
import type { Digester } from '#lib/core/digester.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { AdapterFiles } from '#lib/engine/training/training-host.ts';
import { encodeCheckpoint, parseCheckpoint, type CheckpointFile } from './checkpoint-file.ts';
import type { RunOrigin } from './run-origin.ts';
import type { RunProgress } from './run-progress.ts';
import { encodeRunRecord, isRunRecord, parseRunRecord, type RunRecord } from './run-record.ts';

/** All that a run needs to go on. */
export interface Checkpoint {
  origin: RunOrigin;
  progress: RunProgress;
  /** What the engine saves of the training. */
  state: Uint8Array<ArrayBuffer>;
  /** By job: the best weights so far. */
  best: readonly (AdapterFiles | null)[];
}

export interface RunResult {
  adapters: AdapterFiles[];
  steps: number[];
  manifests: string[];
}

export interface RunStore {
  /** The newest first. */
  list(): Promise<RunRecord[]>;
  read(run: string): Promise<RunRecord | null>;
  /** @returns bytes written */
  save(record: Omit<RunRecord, 'slot'>, checkpoint: Checkpoint): Promise<number>;
  /** The newest whole checkpoint; null when there is none. */
  load(run: string): Promise<Checkpoint | null>;
  /** Writes the result and lets the checkpoints go. */
  finish(record: Omit<RunRecord, 'slot'>, result: RunResult): Promise<void>;
  result(run: string): Promise<RunResult | null>;
  /** The state of the training at a link of its chain. */
  keepState(run: string, step: number, state: Uint8Array<ArrayBuffer>): Promise<void>;
  stateAt(run: string, step: number): Promise<Uint8Array<ArrayBuffer> | null>;
  remove(run: string): Promise<void>;
}

const RECORD = 'run.json';
const RESULT = 'result';
const SLOTS = ['a', 'b'] as const;
const slotFile = (slot: 'a' | 'b') => `checkpoint-${slot}`;
const stateFile = (step: number) => `state-${step}`;

export function createRunStore(files: RunFiles, digester: Digester): RunStore {
  /** The slots that hold the newest whole checkpoints: the other one is written next. */
  const newest = new Map<string, 'a' | 'b'>();
  const open = async (run: string, file: string): Promise<CheckpointFile | null> => {
    const bytes = await files.read(run, file);
    return bytes && parseCheckpoint(bytes, digester);
  };
  /** Whole checkpoints, the newest first. */
  const checkpoints = async (run: string) => {
    const found: { slot: 'a' | 'b'; file: CheckpointFile }[] = [];
    for (const slot of SLOTS) {
      const file = await open(run, slotFile(slot));
      if (file && isCheckpoint(file)) found.push({ slot, file });
    }
    const stepOf = ({ file }: (typeof found)[number]) => (file.header['progress'] as RunProgress).step;
    return found.sort((one, other) => stepOf(other) - stepOf(one));
  };
  const read = async (run: string): Promise<RunRecord | null> => {
    const bytes = await files.read(run, RECORD);
    const record = bytes && parseRunRecord(bytes);
    if (record?.run === run) return record;
    const [last] = await checkpoints(run);
    return last ? { ...(last.file.header['record'] as RunRecord), slot: last.slot } : null;
  };
  return {
    read,
    async list() {
      const records = await Promise.all((await files.list()).map(read));
      return records
        .filter((record) => record !== null)
        .sort((one, other) => other.startedAt.localeCompare(one.startedAt));
    },
    async save(record, { origin, progress, state, best }) {
      const { run } = record;
      const slot = (newest.get(run) ?? (await read(run))?.slot) === 'a' ? 'b' : 'a';
      const header = { record: { ...record, slot }, origin, progress, best: best.map((one) => one?.name ?? null) };
      const parts = new Map([['state', state], ...adapterParts(best)]);
      const file = encodeCheckpoint({ header, parts }, digester);
      await files.write(run, slotFile(slot), file);
      await files.write(run, RECORD, encodeRunRecord({ ...record, slot }));
      newest.set(run, slot);
      return file.length;
    },
    async load(run) {
      const slot = (await read(run))?.slot;
      const named = slot ? await open(run, slotFile(slot)) : null;
      const last = slot && named && isCheckpoint(named) ? { slot, file: named } : (await checkpoints(run))[0];
      if (!last) return null;
      newest.set(run, last.slot);
      const { file } = last;
      const { origin, progress } = file.header as unknown as Checkpoint;
      return { origin, progress, state: file.parts.get('state')!, best: adaptersIn(file, 'best') };
    },
    async finish(record, { adapters, steps, manifests }) {
      const { run } = record;
      const header = { steps, manifests, adapters: adapters.map(({ name }) => name) };
      await files.write(run, RESULT, encodeCheckpoint({ header, parts: new Map(adapterParts(adapters)) }, digester));
      await files.write(run, RECORD, encodeRunRecord({ ...record, slot: null }));
      for (const slot of SLOTS) await files.write(run, slotFile(slot), new Uint8Array());
    },
    async result(run) {
      const file = await open(run, RESULT);
      if (!file) return null;
      const { steps, manifests } = file.header as unknown as RunResult;
      return { steps, manifests, adapters: adaptersIn(file, 'adapters').filter((adapter) => adapter !== null) };
    },
    keepState: (run, step, state) => files.write(run, stateFile(step), state),
    stateAt: (run, step) => files.read(run, stateFile(step)),
    remove: (run) => {
      newest.delete(run);
      return files.remove(run);
    },
  };
}

const isCheckpoint = ({ header, parts }: CheckpointFile): boolean =>
  isJsonObject(header['record']) &&
  isRunRecord(header['record']) &&
  isJsonObject(header['origin']) &&
  isJsonObject(header['progress']) &&
  parts.has('state');

const adapterParts = (adapters: readonly (AdapterFiles | null)[]): [string, Uint8Array<ArrayBuffer>][] =>
  adapters.flatMap((adapter, job) =>
    (adapter?.files ?? []).map(({ path, bytes }): [string, Uint8Array<ArrayBuffer>] => [`${job}/${path}`, bytes]),
  );

function adaptersIn({ header, parts }: CheckpointFile, field: string): (AdapterFiles | null)[] {
  return (header[field] as (string | null)[]).map((name, job) => {
    if (name === null) return null;
    const own = [...parts].filter(([part]) => part.startsWith(`${job}/`));
    return { name, files: own.map(([part, bytes]) => ({ path: part.slice(`${job}/`.length), bytes })) };
  });
}
