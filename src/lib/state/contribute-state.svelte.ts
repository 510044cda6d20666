// A contribution in the making: the file and its first rows, what was found in it, what the contributor leaves out, and the signing.
// It folds the stories; it decides nothing.

import { AbortedError } from '#lib/core/errors.ts';
import { parseJsonObject } from '#lib/formats/json/json-file.ts';
import { createLanguageDetector } from '#lib/datanets/checks/language.ts';
import { previewImport, type Preview, type Reading } from '#lib/datanets/import/import-rows.ts';
import { readDatasetInfo } from '#lib/datanets/import/dataset-info.ts';
import { gatherImport } from '#lib/datanets/import/gather-import.ts';
import type { ImportFile, ImportSource } from '#lib/datanets/import/import-file.ts';
import { idOfFile } from '#lib/ipfs/add-files.ts';
import { inspectImport, type ImportReport, type InspectOptions } from '#lib/datanets/import/inspect-import.ts';
import type { RowSealer } from '#lib/datanets/contributions/seal-contribution.ts';
import { contribute, type ContributeContext } from '#lib/flows/contribute.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { openPublished, type DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import type { OutboxRecord } from '#lib/db/outbox.ts';
import { Rate } from './rate.ts';
import { toProblem, type Problem } from './problem.ts';

export interface ImportProgress {
  what: 'inspecting' | 'reading' | 'packing';
  bytes: number;
  ofBytes: number;
  rows: number;
  bytesPerSecond: number;
}

type Context = DatanetContext & ContributeContext;

const INFO_NAME = 'dataset_info.json';
const MAX_INFO_BYTES = 4 << 20;

/** Work without a break that nobody notices. */
const BUSY_MS = 12;

export class ContributeState {
  file: ImportSource | null = $state.raw(null);
  preview: Preview | null = $state.raw(null);
  report: ImportReport | null = $state.raw(null);
  /** Whether the current version could be read, to be held against. */
  isHeldAgainst = $state(false);
  progress: ImportProgress | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  kept: { record: OutboxRecord; leftOut: number } | null = $state.raw(null);
  readonly #context: () => Promise<Context>;
  readonly #now: () => number;
  readonly #breathe: () => Promise<void>;
  #known: InspectOptions['known'];
  #reading: Reading = $state.raw({});
  #working = new AbortController();

  constructor(context: () => Promise<Context>, now: () => number) {
    this.#context = context;
    this.#now = now;
    this.#breathe = createBreath(now);
  }

  /** A file, perhaps with LLaMA-Factory's description of it, or several pictures; and the first rows. */
  async choose(files: readonly ImportFile[]) {
    this.clear();
    await this.#work(async (signal) => {
      const described = files.length === 2 ? files.find(({ name }) => name === INFO_NAME) : undefined;
      const [file] = files.filter((one) => one !== described);
      if (described && file) {
        const text = new TextDecoder().decode(await described.read(0, MAX_INFO_BYTES));
        this.#reading = readDatasetInfo(parseJsonObject(text, INFO_NAME), INFO_NAME, file.name);
        this.file = file;
      } else this.file = await gatherImport(files);
      this.preview = await previewImport(this.file, { ...this.#terms(), signal });
    });
  }

  /** The same read in another way. */
  async reread(reading: Reading) {
    const { file } = this;
    if (!file) return;
    this.clear();
    this.file = file;
    this.#reading = reading;
    await this.#work(async (signal) => {
      this.preview = await previewImport(file, { ...this.#terms(), signal });
    });
  }

  /** All of the file: what is wrong in it, what was said before, what should stay private. */
  async inspect(facts: DatanetFacts) {
    const { file } = this;
    if (!file) return;
    this.report = null;
    await this.#work(async (signal) => {
      const context = await this.#context();
      this.#known = undefined;
      this.isHeldAgainst = facts.versions === 0;
      if (facts.versions > 0) {
        // A version that nobody has now is no reason not to contribute; it is said.
        const open = await openPublished(context, facts, facts.versions, signal).catch((error: unknown) => {
          if (signal.aborted) throw error;
          return null;
        });
        this.#known = open?.version;
        this.isHeldAgainst = open !== null;
      }
      const rate = new Rate();
      const batches = inspectImport(file, { ...(await this.#inspection(facts)), digester: context.digester, signal });
      let rows = 0;
      for (let next = await batches.next(); ; next = await batches.next()) {
        if (next.done) {
          this.report = next.value;
          return;
        }
        const { bytes } = next.value;
        rows += next.value.rows.length;
        const bytesPerSecond = rate.at(bytes, this.#now());
        this.progress = { what: 'inspecting', bytes, ofBytes: file.size, rows, bytesPerSecond };
        await this.#breathe();
      }
    });
  }

  /** Packs and signs it; true when it is in the outbox. `makeSealer` is asked once there is something to seal. */
  async sign(
    facts: DatanetFacts,
    datanetName: string,
    choices: {
      leaveOut: { exact: boolean; near: boolean; private: boolean };
      payer: OutboxRecord['payer'];
      makeSealer: (() => Promise<RowSealer>) | null;
    },
  ): Promise<boolean> {
    const { file } = this;
    if (!file) return false;
    return this.#work(async (signal) => {
      const rate = new Rate();
      const sealer = choices.makeSealer && (await choices.makeSealer());
      const inspect = await this.#inspection(facts);
      const { leaveOut, payer } = choices;
      const input = { facts, datanetName, file, inspect, leaveOut, payer, sealer };
      for await (const event of contribute(await this.#context(), input, { signal })) {
        if (event.type === 'kept') this.kept = event;
        else if (event.type === 'reading') {
          const bytesPerSecond = rate.at(event.bytes, this.#now());
          this.progress = { what: 'reading', ...event, bytesPerSecond };
        } else this.progress = { what: 'packing', bytes: file.size, ofBytes: file.size, bytesPerSecond: 0, ...event };
        await this.#breathe();
      }
    });
  }

  /** What was said of how the file is read. */
  get reading(): Reading {
    return this.#reading;
  }

  stop() {
    this.#working.abort();
  }

  clear() {
    this.stop();
    this.#reading = {};
    this.file = this.preview = this.report = this.progress = this.problem = this.kept = null;
  }

  /** What is only looked at is named, not kept. */
  #terms = () => ({ ...this.#reading, attach: idOfFile });

  async #inspection({ licence }: DatanetFacts): Promise<Omit<InspectOptions, 'digester' | 'signal'>> {
    return { ...this.#terms(), languageOf: await createLanguageDetector(), known: this.#known, licence };
  }

  async #work(work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    this.stop();
    this.#working = new AbortController();
    const { signal } = this.#working;
    this.problem = null;
    try {
      await work(signal);
      return !signal.aborted;
    } catch (error) {
      if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
      return false;
    } finally {
      if (this.#working.signal === signal) this.progress = null;
    }
  }
}

/** Lets the page draw. A timer takes four milliseconds at least, so not after every batch: those take two. */
function createBreath(now: () => number): () => Promise<void> {
  let last = now();
  return async () => {
    if (now() - last < BUSY_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = now();
  };
}
