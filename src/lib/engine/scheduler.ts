// Continuous batching: which sequences run, which rows the next step computes, and what its results mean.
// Up to three steps are in flight; the token a step samples feeds the next on the GPU, the host reads it later.
// It knows sequences, slots and blocks; it does not know text.

import type { Device } from '#lib/webgpu/device.ts';
import { RESULT } from '#lib/webgpu/kernels/sample/sample-result.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { HeadRange, Transformer } from '#lib/model/decoder/transformer.ts';
import type { Admission } from './admission.ts';
import { BrokenLogitsError } from './errors.ts';
import type { Running, Sequence, SequenceRequest } from './requests.ts';
import type { StepRow, StepWriter } from './step-writer.ts';

export interface SchedulerOptions {
  device: Device;
  transformer: Transformer;
  sizes: DecoderSizes;
  admission: Admission;
  writer: StepWriter;
  model: string;
  now(): number;
}

export interface SchedulerStats {
  prefillSteps: number;
  decodeSteps: number;
  prefillMs: number;
  decodeMs: number;
  dispatchesPerStep: number;
  promptTokens: number;
  cachedTokens: number;
  generatedTokens: number;
}

export interface Scheduler {
  readonly stats: SchedulerStats;
  /** Returns a function that cancels the sequence within one step. */
  add(request: SequenceRequest): () => void;
  /** Ends every sequence with the error. */
  fail(error: unknown): void;
}

const STEPS_IN_FLIGHT = 3;

interface Step {
  /** In output order. */
  sampled: Sequence[];
  touched: Sequence[];
  kind: 'prefill' | 'decode';
  started: number;
  results: Promise<ArrayBuffer>;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { device, transformer, sizes, admission, writer, now } = options;
  const waiting: Sequence[] = [];
  const active: Sequence[] = [];
  const inFlight: Step[] = [];
  let looping = false;
  let settledAt = 0;
  const stats: SchedulerStats = {
    prefillSteps: 0,
    decodeSteps: 0,
    prefillMs: 0,
    decodeMs: 0,
    dispatchesPerStep: 0,
    promptTokens: 0,
    cachedTokens: 0,
    generatedTokens: 0,
  };

  const retire = (sequence: Sequence) => {
    if (!sequence.ended || !sequence.running || sequence.running.stepsInFlight > 0) return;
    admission.leave(sequence);
    active.splice(active.indexOf(sequence), 1);
  };
  const end = (sequence: Sequence, reason: 'stop' | 'length' | 'cancelled') => {
    if (sequence.ended) return;
    sequence.ended = true;
    retire(sequence);
    sequence.request.onEnd(reason);
  };
  const failOne = (sequence: Sequence, error: unknown) => {
    if (sequence.ended) return;
    sequence.ended = true;
    retire(sequence);
    sequence.request.onError(error);
  };
  const fail = (error: unknown) => {
    inFlight.length = 0;
    for (const sequence of [...waiting.splice(0), ...active]) {
      if (sequence.running) sequence.running.stepsInFlight = 0;
      failOne(sequence, error);
    }
  };

  const admit = async () => {
    while (waiting.length > 0) {
      const sequence = waiting[0]!;
      try {
        if (!(await admission.enter(sequence))) return;
      } catch (error) {
        waiting.shift();
        failOne(sequence, error);
        continue;
      }
      waiting.shift();
      active.push(sequence);
      const { computed } = sequence.running!;
      stats.promptTokens += sequence.tokens.length;
      stats.cachedTokens += computed;
      sequence.request.onStart(computed);
    }
  };

  /** Rows of the next step: one for every decoding sequence, the rest for prompts, oldest first. */
  const plan = () => {
    const rows: StepRow[] = [];
    const sampled: { sequence: Sequence; row: number }[] = [];
    const touched: Sequence[] = [];
    let prompts = 0;
    const usable = active.filter((sequence) => !sequence.ended);
    const decoding = ({ request, running }: Sequence) =>
      running!.computed >= request.ids.length && running!.sampled < request.maxTokens;
    for (const sequence of usable.filter(decoding)) {
      sampled.push({ sequence, row: rows.length });
      rows.push({ slot: sequence.running!.slot, explicit: null });
      touched.push(sequence);
    }
    for (const sequence of usable) {
      const running = sequence.running!;
      const prompt = sequence.request.ids;
      const count = Math.min(prompt.length - running.computed, sizes.maxRows - rows.length);
      if (count <= 0) continue;
      for (let i = 0; i < count; i++) {
        const position = running.computed + i;
        const angles = position < sequence.request.promptTokens ? running.anglesAt : 0;
        rows.push({ slot: running.slot, explicit: { token: prompt[position]!, position, angles } });
      }
      prompts += count;
      touched.push(sequence);
      if (running.computed + count === prompt.length) sampled.push({ sequence, row: rows.length - 1 });
      running.computed += count;
    }
    return { rows, sampled, touched, prompts };
  };

  const launch = (): boolean => {
    const { rows, sampled, touched, prompts } = plan();
    if (rows.length === 0) return false;
    const headOf = ({ running }: Sequence) => running!.head;
    const ordered = orderByHead(sampled, ({ sequence }) => headOf(sequence));
    const rankWidth = Math.max(0, ...touched.map(({ running }) => running!.rankWidth));
    writer.rows(
      rows,
      ordered.items.map(({ row }) => row),
      rankWidth,
    );
    const shape = {
      rows: rows.length,
      outputs: ordered.items.length,
      rankWidth,
      heads: ordered.ranges,
      tables: [...new Set(touched.flatMap(({ running }) => running!.tables))],
      sample: ordered.items.length > 0,
      isConstrained: sampled.some(({ sequence }) => sequence.running!.isConstrained),
    };
    const dispatches = transformer.dispatches(shape);
    const bytes = Math.max(1, ordered.items.length) * RESULT.words * 4;
    const results = device.submitAndRead(dispatches, transformer.results, bytes);
    // The failure is handled where the step is awaited; this keeps it from being reported as unhandled before that.
    results.catch(() => undefined);
    for (const { running } of touched) running!.stepsInFlight++;
    for (const { sequence } of sampled) {
      const running: Running = sequence.running!;
      if (running.sampled++ > 0) running.computed++;
    }
    const kind = prompts > 0 ? 'prefill' : 'decode';
    if (kind === 'decode') stats.dispatchesPerStep = dispatches.length;
    inFlight.push({
      sampled: ordered.items.map(({ sequence }) => sequence),
      touched,
      kind,
      started: now(),
      results,
    });
    return true;
  };

  const collect = async () => {
    const step = inFlight[0]!;
    const words = new Uint32Array(await step.results);
    const floats = new Float32Array(words.buffer);
    inFlight.shift();
    const spent = now() - Math.max(step.started, settledAt);
    settledAt = now();
    if (step.kind === 'prefill') {
      stats.prefillSteps++;
      stats.prefillMs += spent;
    } else {
      stats.decodeSteps++;
      stats.decodeMs += spent;
    }
    for (const { running } of step.touched) running!.stepsInFlight--;
    step.sampled.forEach((sequence, i) => {
      if (sequence.ended) return;
      const at = i * RESULT.words;
      if (words[at + RESULT.broken]) return failOne(sequence, new BrokenLogitsError(options.model));
      const id = words[at + RESULT.token]!;
      const top = Array.from({ length: sequence.request.topCount }, (_, n) => {
        const entry = at + RESULT.top + 2 * n;
        return { id: words[entry]!, logprob: floats[entry + 1]! };
      });
      sequence.tokens.push(id);
      stats.generatedTokens++;
      const goesOn = sequence.request.onToken(id, floats[at + RESULT.logprob]!, top);
      const generated = sequence.tokens.length - sequence.request.ids.length;
      if (!goesOn) end(sequence, 'stop');
      else if (generated >= sequence.request.maxTokens) end(sequence, 'length');
    });
    for (const sequence of step.touched) retire(sequence);
  };

  const loop = async () => {
    if (looping) return;
    looping = true;
    try {
      for (;;) {
        for (const sequence of [...waiting, ...active]) if (sequence.cancelled) end(sequence, 'cancelled');
        waiting.splice(0, waiting.length, ...waiting.filter(({ ended }) => !ended));
        await admit();
        while (inFlight.length < STEPS_IN_FLIGHT && launch());
        if (inFlight.length === 0) {
          if (active.length === 0) break;
          for (const sequence of active) retire(sequence);
          continue;
        }
        await collect();
      }
    } catch (error) {
      fail(error);
    } finally {
      looping = false;
    }
    if (waiting.length > 0) void loop();
  };

  return {
    stats,
    fail,
    add(request) {
      const sequence: Sequence = { request, tokens: [...request.ids], cancelled: false, ended: false, running: null };
      waiting.push(sequence);
      void loop();
      return () => {
        sequence.cancelled = true;
        void loop();
      };
    },
  };
}

/** Sequences with the model's own head first, then each adapter's head in one run. */
function orderByHead<T>(
  items: readonly T[],
  headOf: (item: T) => HeadRange['head'],
): { items: T[]; ranges: HeadRange[] } {
  const heads = [...new Set([null, ...items.map(headOf)])];
  const ordered: T[] = [];
  const ranges: HeadRange[] = [];
  for (const head of heads) {
    const same = items.filter((item) => headOf(item) === head);
    if (same.length > 0) ranges.push({ head, first: ordered.length, count: same.length });
    ordered.push(...same);
  }
  return { items: ordered, ranges };
}
