// Continuous batching: which sequences run, when the next step is launched, and what its results mean.
// Up to three steps are in flight; the token a step samples feeds the next on the GPU, the host reads it later.
// Nothing in the loop waits for anything but a step: what a waiting sequence lacks is loaded beside it and wakes it.
// It knows sequences and steps; it does not know text.

import type { Device } from '#lib/webgpu/device.ts';
import { RESULT } from '#lib/webgpu/kernels/sample/sample-result.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { Admission } from './admission.ts';
import { BrokenLogitsError } from './errors.ts';
import type { Running, Sequence, SequenceRequest } from './requests.ts';
import { planStep } from './step-plan.ts';
import type { StepWriter } from './step-writer.ts';
import type { Turns } from './turns.ts';
import { createWaitingLine } from './waiting-line.ts';

export interface SchedulerOptions {
  device: Device;
  transformer: Transformer;
  sizes: DecoderSizes;
  admission: Admission;
  writer: StepWriter;
  turns: Turns;
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
  /** A waiting sequence may be admitted now. */
  wake(): void;
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
  const { device, transformer, sizes, admission, writer, turns, now } = options;
  const active: Sequence[] = [];
  const inFlight: Step[] = [];
  let looping = false;
  let isWoken = false;
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
    line.leave(sequence);
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
    for (const sequence of [...line.drain(), ...active]) {
      if (sequence.running) sequence.running.stepsInFlight = 0;
      failOne(sequence, error);
    }
  };

  const line = createWaitingLine({
    admission,
    onFailed: failOne,
    onAdmitted(sequence) {
      active.push(sequence);
      const { computed } = sequence.running!;
      stats.promptTokens += sequence.tokens.length;
      stats.cachedTokens += computed;
      sequence.request.onStart(computed);
    },
  });

  const launch = (): boolean => {
    const { rows, sampled, heads, touched, prompts } = planStep(active, sizes);
    if (rows.length === 0) return false;
    const rankWidth = Math.max(0, ...touched.map(({ running }) => running!.rankWidth));
    const outputs = sampled.map(({ row }) => row);
    writer.rows(rows, outputs, rankWidth);
    const shape = {
      rows: rows.length,
      outputs: sampled.length,
      rankWidth,
      heads,
      tables: [...new Set(touched.flatMap(({ running }) => running!.tables))],
      sample: sampled.length > 0,
      isConstrained: sampled.some(({ sequence }) => sequence.running!.isConstrained),
    };
    const dispatches = transformer.dispatches(shape);
    const bytes = Math.max(1, sampled.length) * RESULT.words * 4;
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
      sampled: sampled.map(({ sequence }) => sequence),
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
        for (const sequence of [...active]) if (sequence.cancelled) end(sequence, 'cancelled');
        line.advance();
        while (inFlight.length < STEPS_IN_FLIGHT && launch());
        if (inFlight.length === 0) {
          if (active.length === 0) break;
          for (const sequence of active) retire(sequence);
          continue;
        }
        turns.step();
        await collect();
      }
    } catch (error) {
      fail(error);
    } finally {
      looping = false;
      turns.rest();
    }
  };
  /** Soon, so that who calls it has finished what they are at. */
  const wake = () => {
    line.stir();
    if (isWoken) return;
    isWoken = true;
    queueMicrotask(() => {
      isWoken = false;
      void loop();
    });
  };

  return {
    stats,
    fail,
    wake,
    add(request) {
      const sequence: Sequence = { request, tokens: [...request.ids], cancelled: false, ended: false, running: null };
      line.add(sequence);
      wake();
      return () => {
        sequence.cancelled = true;
        if (sequence.running) wake();
        else end(sequence, 'cancelled');
      };
    },
  };
}
