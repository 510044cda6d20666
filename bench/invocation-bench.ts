// Measures what it costs to switch the adapter inside a conversation: to adapters that begin at an invocation, which go on from the base's
// cache, and to a plain one, for which the prompt is read again. Returns figures and prints nothing.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { AdapterUse, DeviceInfo } from '#lib/engine/engine.ts';
import type { Host } from '#lib/engine/host.ts';
import { createRandomAdapter, createRandomModel, type RandomShape } from './random-model.ts';

export interface InvocationBenchOptions {
  host: Host;
  shape: RandomShape;
  dtype: WeightDtype;
  promptTokens: number;
  rounds: number;
  limits: 'best' | 'default';
  onProgress(line: string): void;
  signal?: AbortSignal;
}

/** One answer: time to its first token, and the tokens that were not computed for it. */
interface First {
  ms: number;
  cachedTokens: number;
}

/** One conversation. The base answers, then each adapter goes on in turn. */
export interface InvocationRound {
  base: First;
  invoked: First;
  /** Another adapter with another invocation, behind the first one's answer. */
  second: First;
  /** The base again, behind both. */
  back: First;
  /** The matrices of `invoked`, applied from the beginning. */
  plain: First;
  /** How many times as long `plain` takes as `invoked`, and as `second`. */
  times: [number, number];
}

export interface InvocationBenchResult {
  device: DeviceInfo;
  promptTokens: number;
  rounds: InvocationRound[];
}

const RANK = 16;
const INVOCATIONS = [
  [11, 12, 13],
  [21, 22, 23, 24],
];
/** Every answer has so many tokens. */
const ANSWER = 8;

export async function benchInvocation(options: InvocationBenchOptions): Promise<InvocationBenchResult> {
  const { host, shape, dtype, promptTokens, limits, onProgress, signal } = options;
  const openFolder: Host['openFolder'] = (ref) => {
    if (ref.kind !== 'url') return host.openFolder(ref);
    if (ref.url === 'model') return createRandomModel(shape);
    const at = Number(ref.url);
    return createRandomAdapter(shape, RANK, at % INVOCATIONS.length, INVOCATIONS[at]);
  };
  const engine = createEngine({ ...host, openFolder });
  try {
    let device: DeviceInfo | null = null;
    const contextLength = promptTokens + 128;
    const request = { model: { kind: 'url', url: 'model' }, dtype, limits, contextLength, maxSequences: 4 } as const;
    for await (const event of engine.load(request, signal)) if (event.type === 'ready') ({ device } = event.model);
    const load = async (at: number): Promise<AdapterUse[]> => {
      const { id } = await engine.loadAdapter({ kind: 'url', url: String(at) });
      return [{ id, weight: 1 }];
    };
    const [one, two, plain] = [await load(0), await load(1), await load(2)];
    const answer = async (ids: number[], adapters: AdapterUse[]) => {
      const prompt = { prompt: { ids }, adapters, maxTokens: ANSWER, invoke: true, speculate: false };
      for await (const event of engine.generate(prompt, signal)) {
        if (event.type !== 'done') continue;
        const { firstTokenMs, cachedTokens } = event.timings;
        return { ids: event.ids, first: { ms: firstTokenMs, cachedTokens } };
      }
      throw new Error('generate ended without an answer');
    };
    const round = async (salt: number): Promise<InvocationRound> => {
      const talk = Array.from({ length: promptTokens }, (_, i) => 32 + ((i * 31 + salt * 7) % (shape.vocab - 32)));
      const base = await answer(talk, []);
      const invoked = await answer([...talk, ...base.ids], one);
      const later = [...talk, ...base.ids, ...invoked.ids];
      const second = await answer(later, two);
      const back = await answer([...later, ...second.ids], []);
      const whole = await answer([...talk, ...base.ids, ...INVOCATIONS[0]!], plain);
      const times: [number, number] = [whole.first.ms / invoked.first.ms, whole.first.ms / second.first.ms];
      const firsts = { base: base.first, invoked: invoked.first, second: second.first, back: back.first };
      return { ...firsts, plain: whole.first, times };
    };
    await round(0);
    const rounds: InvocationRound[] = [];
    for (let at = 1; at <= options.rounds; at++) {
      rounds.push(await round(at));
      onProgress(
        `${at} of ${options.rounds}: ${rounds
          .at(-1)!
          .times.map((times) => times.toFixed(1))
          .join(' and ')} times`,
      );
    }
    return { device: device!, promptTokens, rounds };
  } finally {
    await engine.dispose();
  }
}
