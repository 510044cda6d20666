// A contribution in the making as a page shows it: the file and its first rows, the report on all rows, and signing.

import { parseJsonObject } from '#lib/formats/json/json-file.ts';
import { createLanguageDetector } from '#lib/datanets/checks/language.ts';
import { previewImport, type Preview, type Reading } from '#lib/datanets/import/import-rows.ts';
import { readDatasetInfo } from '#lib/datanets/import/dataset-info.ts';
import { gatherImport } from '#lib/datanets/import/gather-import.ts';
import type { ImportFile, ImportSource } from '#lib/datanets/import/import-file.ts';
import type { ImportReport } from '#lib/datanets/import/inspect-import.ts';
import type { RowSealer } from '#lib/datanets/contributions/seal-contribution.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import type { DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import type { OutboxRecord } from '#lib/db/outbox.ts';
import { contribute, type ContributeContext, type ContributeInput } from '#lib/flows/contribute.ts';
import { inspectFile } from '#lib/flows/inspect-file.ts';
import { idOfFile } from '#lib/ipfs/add-files.ts';
import { ImportProgressState } from './import-progress.svelte.ts';
import { Task } from './task.svelte.ts';

type Context = DatanetContext & ContributeContext;

const INFO_NAME = 'dataset_info.json';
const MAX_INFO_BYTES = 4 << 20;

export class ContributeState {
  file: ImportSource | null = $state.raw(null);
  preview: Preview | null = $state.raw(null);
  report: ImportReport | null = $state.raw(null);
  /** Whether rows were compared with the current version; false when it could not be read. */
  isCompared = $state(false);
  kept: { record: OutboxRecord; leftOut: number } | null = $state.raw(null);
  /** How the user wants the file to be read. */
  reading: Reading = $state.raw({});
  readonly #context: () => Promise<Context>;
  readonly #progress: ImportProgressState;
  readonly #task = new Task();
  #version: OpenVersion | null = null;

  constructor(context: () => Promise<Context>, now: () => number) {
    this.#context = context;
    this.#progress = new ImportProgressState(now);
  }

  get progress() {
    return this.#task.isRunning ? this.#progress.value : null;
  }
  get problem() {
    return this.#task.problem;
  }

  /** Takes a file, with or without LLaMA-Factory's description of it, or several pictures; reads the first rows. */
  async choose(files: readonly ImportFile[]) {
    this.clear();
    await this.#work(async (signal) => {
      const described = files.length === 2 ? files.find(({ name }) => name === INFO_NAME) : undefined;
      const [file] = files.filter((one) => one !== described);
      if (described && file) {
        const text = new TextDecoder().decode(await described.read(0, MAX_INFO_BYTES));
        signal.throwIfAborted();
        this.reading = readDatasetInfo(parseJsonObject(text, INFO_NAME), INFO_NAME, file.name);
        this.file = file;
      } else {
        const source = await gatherImport(files);
        signal.throwIfAborted();
        this.file = source;
      }
      await this.#readFirst(this.file, signal);
    });
  }

  /** Reads the same file in another way. */
  async reread(reading: Reading) {
    const { file } = this;
    if (!file) return;
    this.clear();
    this.file = file;
    this.reading = reading;
    await this.#work((signal) => this.#readFirst(file, signal));
  }

  async #readFirst(file: ImportSource, signal: AbortSignal) {
    const preview = await previewImport(file, { ...this.#terms(), signal });
    signal.throwIfAborted();
    this.preview = preview;
  }

  /** Reads all rows, and reports duplicates, private data and records that do not fit. */
  async inspect(facts: DatanetFacts) {
    const { file, reading } = this;
    if (!file) return;
    this.report = this.#version = null;
    await this.#work(async (signal) => {
      for await (const event of inspectFile(await this.#context(), { facts, file, reading }, { signal })) {
        signal.throwIfAborted();
        if (event.type === 'inspecting') await this.#progress.show({ what: 'inspecting', ...event });
        else if (event.type === 'inspected') this.report = event.report;
        else {
          this.#version = event.version;
          this.isCompared = !event.isMissing;
        }
      }
    });
  }

  /** Packs the rows and has them signed; true when they are in the outbox. `makeSealer` is called once something is to be sealed. */
  async sign(
    facts: DatanetFacts,
    datanetName: string,
    choices: Pick<ContributeInput, 'leaveOut' | 'payer'> & { makeSealer: (() => Promise<RowSealer>) | null },
  ): Promise<boolean> {
    const { file } = this;
    if (!file) return false;
    return this.#work(async (signal) => {
      const { leaveOut, payer, makeSealer } = choices;
      const sealer = makeSealer && (await makeSealer());
      const languageOf = await createLanguageDetector();
      const inspect = { ...this.#terms(), languageOf, known: this.#version ?? undefined, licence: facts.licence };
      const input = { facts, datanetName, file, inspect, leaveOut, payer, sealer };
      for await (const event of contribute(await this.#context(), input, { signal })) {
        if (event.type === 'kept') {
          // Even if it was stopped just now: it is in the outbox.
          if (this.file === file) this.kept = event;
          return;
        }
        signal.throwIfAborted();
        if (event.type === 'reading') await this.#progress.show({ what: 'reading', ...event });
        else await this.#progress.show({ what: 'packing', bytes: file.size, ofBytes: file.size, rows: event.rows });
      }
    });
  }

  stop() {
    this.#task.stop();
  }

  clear() {
    this.stop();
    this.reading = {};
    this.#progress.clear();
    this.file = this.preview = this.report = this.kept = this.#task.problem = null;
  }

  /** Pictures only get their ids before they are contributed. */
  #terms = () => ({ ...this.reading, attach: idOfFile });

  #work(work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    this.#progress.clear();
    return this.#task.restart(work);
  }
}
