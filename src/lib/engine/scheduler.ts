// Continuous batching: which sequences run, when the next step is launched, and what its results mean.
// Up to three steps are in flight; the token a step samples feeds the next on the GPU, the host reads it later. A step may also run
// proposed tokens: the GPU keeps those that were right and goes on behind them, and the host, reading later, comes to the same count.
// Nothing in the loop waits for anything but a step: what a waiting sequence lacks is loaded beside it and wakes it.
// It knows sequences and steps; it does not know text.

import type { Device } from '#lib/webgpu/device.ts';
import { tileRows } from '#lib/webgpu/kernels/linear/linear.ts';
import { RESULT } from '#lib/webgpu/kernels/sample/sample-result.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { Admission } from './admission.ts';
import { createDrafting } from './drafting.ts';
import { BrokenLogitsError } from './errors.ts';
import { acceptProposals, type Launched } from './proposals.ts';
import type { Sequence, SequenceRequest } from './requests.ts';
import { createStepCosts } from './step-costs.ts';
import { planStep, type Propose } from './step-plan.ts';
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
  proposedTokens: number;
  acceptedTokens: number;
}

export interface Scheduler {
  readonly stats: SchedulerStats;
  /** Returns a function that cancels the sequence within one step. */
  add(request: SequenceRequest): () => void;
  /** A waiting sequence may be admitted now. */
  wake(): void;
  /** Resolves once every sequence that has ended or was cancelled has given its room and its adapters back. */
  settled(): Promise<void>;
  /** Ends every sequence with the error. */
  fail(error: unknown): void;
}

const STEPS_IN_FLIGHT = 3;

interface Step {
  /** In output order. */
  sampled: Launched[];
  touched: Sequence[];
  rows: number;
  kind: 'prefill' | 'decode';
  started: number;
  results: Promise<ArrayBuffer>;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { device, transformer, sizes, admission, writer, turns, now } = options;
  const active: Sequence[] = [];
  const inFlight: Step[] = [];
  const settling: (() => void)[] = [];
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
    proposedTokens: 0,
    acceptedTokens: 0,
  };

  /** A sequence that has ended stays active while steps beyond its end are in flight. */
  const isSettled = () => active.every(({ ended, cancelled }) => !ended && !cancelled);
  const retire = (sequence: Sequence) => {
    if (!sequence.ended || !sequence.running || sequence.running.stepsInFlight > 0) return;
    admission.leave(sequence);
    active.splice(active.indexOf(sequence), 1);
    if (isSettled()) for (const resolve of settling.splice(0)) resolve();
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
      if (sequence.ended) retire(sequence);
      else failOne(sequence, error);
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

  const costs = createStepCosts(tileRows(device));
  const drafting = createDrafting({ costs, tileRows: tileRows(device) });
  const propose: Propose = (decoding) => {
    const candidates = decoding.flatMap((sequence) => {
      const { request, running, tokens } = sequence;
      if (!request.guesses) return [];
      const onTheWay = request.ids.length + running!.sampled - tokens.length;
      return [{ sequence, guesses: request.guesses, onTheWay, most: request.maxTokens - running!.sampled - 1 }];
    });
    const room = Math.min(sizes.maxRows, sizes.maxOutputs) - decoding.length;
    const proposed = drafting.propose(candidates, decoding.length, room);
    return new Map(Array.from(proposed, ([{ sequence }, drafts]) => [sequence, drafts]));
  };

  const launch = (): boolean => {
    const { rows, sampled, outputs, heads, touched, turning, prompts } = planStep(active, sizes, propose);
    if (rows.length === 0) return false;
    for (const { running } of turning) writer.blend(running!.slot, running!.phase.blend);
    const rankWidth = Math.max(0, ...touched.map(({ running }) => running!.phase.rankWidth));
    const hasDrafts = outputs.length > sampled.length;
    writer.rows(rows, outputs, rankWidth, hasDrafts);
    const shape = {
      rows: rows.length,
      outputs: outputs.length,
      rankWidth,
      heads,
      tables: [...new Set(touched.flatMap(({ running }) => running!.phase.tables))],
      sample: sampled.length > 0,
      isConstrained: sampled.some(({ sequence }) => sequence.running!.isConstrained),
      hasDrafts,
    };
    const dispatches = transformer.dispatches(shape);
    const bytes = Math.max(1, outputs.length) * RESULT.words * 4;
    const results = device.submitAndRead(dispatches, transformer.results, bytes);
    // The failure is handled where the step is awaited; this keeps it from being reported as unhandled before that.
    results.catch(() => undefined);
    for (const { running } of touched) running!.stepsInFlight++;
    for (const { sequence, drafts } of sampled) {
      const running = sequence.running!;
      running.computed += (running.sampled > 0 ? 1 : 0) + drafts.length;
      running.sampled += 1 + drafts.length;
    }
    const kind = prompts > 0 ? 'prefill' : 'decode';
    if (kind === 'decode') stats.dispatchesPerStep = dispatches.length;
    inFlight.push({
      sampled: sampled.map(({ sequence, drafts }) => ({ sequence, drafts, mayAccept: true })),
      touched,
      rows: rows.length,
      kind,
      started: now(),
      results,
    });
    return true;
  };

  /** False when the sequence ends here. */
  const readToken = (sequence: Sequence, words: Uint32Array, floats: Float32Array, at: number): boolean => {
    if (words[at + RESULT.broken]) {
      failOne(sequence, new BrokenLogitsError(options.model));
      return false;
    }
    const id = words[at + RESULT.token]!;
    const top = Array.from({ length: sequence.request.topCount }, (_, n) => {
      const entry = at + RESULT.top + 2 * n;
      return { id: words[entry]!, logprob: floats[entry + 1]! };
    });
    sequence.tokens.push(id);
    sequence.request.guesses?.push(id);
    stats.generatedTokens++;
    const goesOn = sequence.request.onToken(id, floats[at + RESULT.logprob]!, top);
    const generated = sequence.tokens.length - sequence.request.ids.length;
    if (!goesOn) end(sequence, 'stop');
    else if (generated >= sequence.request.maxTokens) end(sequence, 'length');
    return goesOn && generated < sequence.request.maxTokens;
  };
  /** Its results begin at the output `first`. */
  const readTokens = (launched: Launched, words: Uint32Array, floats: Float32Array, first: number) => {
    const { sequence, drafts } = launched;
    if (sequence.ended) return;
    const later = inFlight.flatMap(({ sampled }) => sampled);
    const at = (i: number) => (first + i) * RESULT.words;
    const accepted = acceptProposals(launched, later, (i) => words[at(i) + RESULT.token]!);
    if (drafts.length > 0) {
      stats.proposedTokens += drafts.length;
      stats.acceptedTokens += accepted;
      sequence.request.onProposed(drafts.length, accepted);
    }
    for (let i = 0, goesOn = true; goesOn && i <= accepted; i++) goesOn = readToken(sequence, words, floats, at(i));
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
      costs.took(step.rows, spent);
    }
    for (const { running } of step.touched) running!.stepsInFlight--;
    let first = 0;
    for (const launched of step.sampled) {
      readTokens(launched, words, floats, first);
      first += 1 + launched.drafts.length;
    }
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
    settled: () => (isSettled() ? Promise.resolve() : new Promise((resolve) => settling.push(resolve))),
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
