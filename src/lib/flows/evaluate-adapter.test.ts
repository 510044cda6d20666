// Adapters and their base compared on the plain TypeScript kernels, with a model of two layers.

import { beforeAll, describe, expect, it } from 'vitest';
import type { FolderRef } from '#lib/core/folder.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { Engine } from '#lib/engine/engine.ts';
import { TrainingUnsupportedError } from '#lib/engine/training/errors.ts';
import { createEvaluationSet } from '#lib/factory/evaluation/evaluation-set.ts';
import { fillPasses } from '#lib/factory/evaluation/fill-passes.ts';
import { NEUTRAL_ROWS } from '#lib/factory/evaluation/neutral-rows.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { loadText, type TextModel } from '#lib/model/text.ts';
import { testHost } from '#tests/support/host.ts';
import { tinyChatModel } from '#tests/support/tiny-chat-model.ts';
import { evaluateAdapter, type EvaluateEvent, type EvaluateInput, type EvaluatedAdapter } from './evaluate-adapter.ts';

const MODEL = { kind: 'files', name: 'tiny', files: tinyChatModel() } as const;
const never = new AbortController().signal;
const rows = [
  { id: 'a', value: { prompt: 'hello', completion: 'yes' } },
  {
    id: 'b',
    value: {
      messages: [
        { role: 'user', content: 'no' },
        { role: 'assistant', content: 'hello' },
      ],
    },
  },
  { id: 'c', value: { text: 'hello yes hello' } },
  { id: 'd', value: { text: '' } },
  { id: 'e', value: { prompt: 'hello', completion: 'a '.repeat(100) } },
];
const neutral = [{ id: 'f', value: { text: 'sun rise' } }];
const input: Omit<EvaluateInput, 'adapters'> = { rows, neutral, length: 96, maxTokens: 3 };

let engine: Engine;
let labeller: TextModel;
let adapter: EvaluatedAdapter;

beforeAll(async () => {
  const openFolder = (ref: FolderRef) => {
    if (ref.kind !== 'files') throw new Error(`not ${ref.kind}`);
    return createBlobFolder(ref.name, ref.files);
  };
  engine = createEngine({ ...testHost(null), openFolder });
  for await (const event of engine.load({ model: MODEL, dtype: 'f32' })) void event;
  labeller = await loadText(openFolder(MODEL), 4096, () => new Date(2026, 10, 30));
  const fresh = { name: 'learned', kind: 'lora', rank: 4, alpha: 16, seed: 1 } as const;
  await engine.openTraining({ adapters: [{ fresh }], rows: 192, segments: 8, length: 96 });
  const { examples } = createEvaluationSet(rows, labeller, 96);
  const settings = { rate: 0.02, betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, clip: 1 };
  for (let step = 0; step < 5; step++)
    await engine.trainStep([examples.map((one) => ({ ...one, adapter: 0 }))], [settings]);
  const { name, files } = (await engine.trainedAdapters())[0]!;
  await engine.closeTraining();
  const folder = {
    kind: 'files',
    name,
    files: files.map(({ path, bytes }) => ({ path, file: new Blob([bytes]) })),
  } as const;
  adapter = { name, folder, use: { id: (await engine.loadAdapter(folder)).id, weight: 1 } };
});

async function evaluated(adapters: EvaluatedAdapter[], of: Partial<typeof engine> = {}, signal = never) {
  const events: EvaluateEvent[] = [];
  let now = 0;
  const context = { engine: { ...engine, ...of }, labeller, now: () => (now += 10) };
  for await (const event of evaluateAdapter(context, { ...input, adapters }, { signal })) events.push(event);
  const last = events.at(-1)!;
  if (last.type !== 'done') throw new Error('there is no result');
  return { events, ...last.evaluation };
}

describe('an evaluation', () => {
  it('measures the base and an adapter that learned the rows', async () => {
    const { of, events, counts, questions, unscored } = await evaluated([adapter]);
    const [base, learned] = of as [(typeof of)[0], (typeof of)[0]];
    expect([base.name, learned.name, unscored]).toEqual([null, 'learned', null]);
    expect(questions.map(({ expected }) => expected)).toEqual(['yes', 'hello']);
    expect(counts).toMatchObject({ rows: 5, examples: 3 });
    expect(counts.dropped.map(({ reason }) => reason)).toContain('it is longer than 96 tokens');
    expect(learned.losses!.loss!.value).toBeLessThan(0.8 * base.losses!.loss!.value);
    expect(learned.losses!.loss!.of).toBe(3);
    expect(base.answers.exact!.of).toBe(2);
    expect(base.neutral!.change).toBeNull();
    const change = learned.neutral!.losses.loss!.value - base.neutral!.losses.loss!.value;
    expect(learned.neutral!.change!.value).toBeCloseTo(change, 9);
    expect(change).not.toBe(0);
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)).toMatchObject({ stage: 'losses', secondsLeft: 0 });
    expect(progress.at(-1)!.done).toBe(progress.at(-1)!.of);
  });

  it('has the answers that the engine gives, and the losses that it scores', async () => {
    const { of, questions } = await evaluated([adapter]);
    for (const [i, adapters] of [[], [adapter.use]].entries()) {
      const request = { prompt: questions[0]!.prompt, adapters, maxTokens: 3, invoke: true };
      for await (const event of engine.generate(request))
        if (event.type === 'done') expect(of[i]!.texts[0]).toBe(event.text);
    }
    const { examples } = createEvaluationSet(rows, labeller, 96);
    await engine.openTraining({ adapters: [{ folder: adapter.folder }], rows: 192, segments: 8, length: 96 });
    const scores = await engine.scoreExamples([examples.map((one) => ({ ...one, adapter: 0 }))]);
    await engine.closeTraining();
    const sum = (field: 'loss' | 'targets') => scores.reduce((all, one) => all + one[field], 0);
    expect(of[1]!.losses!.loss!.value).toBeCloseTo(sum('loss') / sum('targets'), 5);
  });

  it('measures a base alone', async () => {
    const { of } = await evaluated([]);
    expect(of).toHaveLength(1);
    expect(of[0]!.losses!.loss!.of).toBe(3);
  });

  it('says why there are no losses, and answers all the same', async () => {
    const openTraining = () => Promise.reject(new TrainingUnsupportedError('Experts are not trained.', 'Use another.'));
    const { of, unscored } = await evaluated([adapter], { openTraining });
    expect(unscored).toBe('Experts are not trained.');
    expect(of.map(({ losses, neutral }) => [losses, neutral])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(of[0]!.answers.exact!.of).toBe(2);
  });

  it('ends when it is stopped, and when the engine fails', async () => {
    await expect(evaluated([adapter], {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'core/aborted' });
    const scoreExamples = () => Promise.reject(new Error('lost'));
    await expect(evaluated([adapter], { scoreExamples })).rejects.toThrow('lost');
    const next = () => Promise.reject(new Error('no memory'));
    const generate = () => ({ [Symbol.asyncIterator]: () => ({ next }) });
    await expect(evaluated([adapter], { generate })).rejects.toThrow('no memory');
  });
});

describe('rows for an evaluation', () => {
  it('a question is the conversation up to its last answer', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
      { role: 'assistant', content: 'd' },
      { role: 'user', content: 'e' },
    ];
    const { questions } = createEvaluationSet([{ id: '1', value: { messages } }], labeller, 96);
    expect(questions).toEqual([
      { prompt: { messages: messages.slice(0, 3), tools: null, documents: null }, expected: 'd' },
    ]);
  });

  it('a model without a chat template gets plain prompts', () => {
    const plain = { ...labeller, hasChatTemplate: false };
    const { questions } = createEvaluationSet(rows, plain, 128);
    expect(questions).toEqual([
      { prompt: { text: 'hello' }, expected: 'yes' },
      { prompt: { text: 'no\n\n' }, expected: 'hello' },
    ]);
  });

  it('passes hold all examples in their order', () => {
    const lengths = [5, 5, 3, 9, 1, 1, 1, 1];
    const all = lengths.map((length) => ({ ids: new Array<number>(length).fill(0) }));
    const passes = fillPasses(all, { rows: 10, segments: 3 });
    expect(passes.map((pass) => pass.map(({ ids }) => ids.length))).toEqual([[5, 5], [3], [9, 1], [1, 1, 1]]);
    expect(fillPasses([], { rows: 10, segments: 3 })).toEqual([]);
  });

  it('the everyday texts are fifty different ones, and all have loss', () => {
    expect(new Set(NEUTRAL_ROWS.map(({ value }) => JSON.stringify(value))).size).toBe(50);
    expect(createEvaluationSet(NEUTRAL_ROWS, labeller, 512).counts).toMatchObject({ rows: 50, examples: 50 });
  });
});
