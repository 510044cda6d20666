// A training is computed again from the states that it kept: what is true is identical, and what is not is found where it is.

import { beforeAll, expect, it } from 'vitest';
import { sha256Hex, nextLink } from '#lib/factory/checkpoint-chain.ts';
import { createRunStore } from '#lib/factory/run-store.ts';
import {
  encodeTrainingManifest,
  parseTrainingManifest,
  type TrainingManifest,
} from '#lib/factory/training-manifest.ts';
import { startOf } from '#lib/factory/training-start.ts';
import {
  resultOf,
  runTraining,
  tinyInput,
  tinyRecipe,
  tinySettings,
  tinySource,
  tinyTraining,
  type TinyTraining,
} from '#tests/support/tiny-run.ts';
import { verifyTraining, type VerifyEvent, type VerifyInput } from './verify-training.ts';

let context: TinyTraining;
let manifest: TrainingManifest;
const JOBS = [
  { name: 'one', recipe: tinyRecipe({ epochs: 2 }), from: null, sources: [0] },
  { name: 'two', recipe: tinyRecipe({ epochs: 1, kind: 'dora' }), from: null, sources: [1] },
];
const SOURCES = [tinySource(), tinySource(12, 'digits', '0')];

beforeAll(async () => {
  context = await tinyTraining();
  const settings = tinySettings({ jobs: JOBS, validations: 2 });
  const { manifests } = resultOf(
    await runTraining(context, tinyInput({ sources: SOURCES, settings, keepStates: true })),
  );
  manifest = parseTrainingManifest(manifests[0]!, 'manifest.json');
});

const inputOf = (more: Partial<VerifyInput> = {}): VerifyInput => ({
  ...{ manifest, segment: 2, sources: SOURCES },
  starts: manifest.jobs.map(({ name, recipe }) => startOf({ name, from: null }, recipe)),
  stateAt: (step) => createRunStore(context.runs, context.digester).stateAt('letters', step),
  ...more,
});
async function verify(input: VerifyInput, of = context): Promise<VerifyEvent[]> {
  const events: VerifyEvent[] = [];
  for await (const event of verifyTraining(of, input, { signal: new AbortController().signal })) events.push(event);
  return events;
}
const reportOf = (events: readonly VerifyEvent[]) => {
  const last = events.at(-1);
  if (last?.type !== 'verified') throw new Error('it did not end');
  return last.report;
};

it.each([1, 2])('segment %i is identical to the bit on the same device', async (segment) => {
  const events = await verify(inputOf({ segment }));
  expect(events.flatMap((event) => (event.type === 'step' ? [event.step] : []))).toEqual([
    ...[
      [1, 2, 3],
      [4, 5, 6],
    ][segment - 1]!,
  ]);
  expect(reportOf(events)).toMatchObject({
    ...{ segment, isIdentical: true, sameDevice: true, firstStep: null, lossDifference: 0, weights: null, holds: true },
  });
});

it('says which step and which weight differ first when the training was another one', async () => {
  const forged = structuredClone(manifest);
  forged.jobs[0]!.recipe.weightDecay = 0.5;
  const report = reportOf(await verify(inputOf({ manifest: forged })));
  // The first step of the segment begins with the state that was kept; its decay shows in the next one.
  expect(report).toMatchObject({ isIdentical: false, sameDevice: true, firstStep: 5, holds: false });
  expect(report.weights).toMatchObject({ element: 0, tensor: expect.stringContaining('lora_') as string });
  expect(report.weights!.relative).toBeGreaterThan(1e-4);
});

it('finds a loss that was forged', async () => {
  const forged = { ...manifest, losses: manifest.losses.with(4, 1) };
  expect(reportOf(await verify(inputOf({ manifest: forged })))).toMatchObject({
    ...{ firstStep: 5, isIdentical: true, holds: false },
  });
});

it('on another device accepts losses within the bound, and no others', async () => {
  const elsewhere = { ...context, model: { ...context.model, device: { ...context.model.device, vendor: 'another' } } };
  const near = { ...manifest, losses: manifest.losses.map((loss) => loss! * 1.0005) };
  const forged = structuredClone(near);
  forged.jobs[0]!.recipe.rate = 0.0200001;
  expect(reportOf(await verify(inputOf({ manifest: forged }), elsewhere))).toMatchObject({
    ...{ isIdentical: false, sameDevice: false, holds: true },
  });
  const far = { ...forged, losses: manifest.losses.map((loss) => loss! * 1.01) };
  expect(reportOf(await verify(inputOf({ manifest: far }), elsewhere)).holds).toBe(false);
});

it.each<[string, () => Partial<VerifyInput>, string]>([
  [
    'rows that are not those of the training',
    () => ({ sources: [tinySource(11), SOURCES[1]!] }),
    'The rows of letters are not',
  ],
  ['a source too few', () => ({ sources: [tinySource()] }), 'The training has 2 sources'],
  ['a state that was not kept', () => ({ stateAt: () => Promise.resolve(null) }), 'was not kept'],
  [
    'a state that was changed',
    () => ({ stateAt: () => Promise.resolve(new Uint8Array(9)) }),
    'is not that of the chain',
  ],
  ['a segment that there is not', () => ({ segment: 3 }), 'There is no segment 3'],
  [
    'a chain with another state in it',
    () => ({
      manifest: { ...manifest, chain: manifest.chain.with(1, { ...manifest.chain[1]!, state: '0'.repeat(64) }) },
    }),
    'Link 2 of the chain',
  ],
  [
    'another base',
    () => ({ manifest: { ...manifest, base: { ...manifest.base, id: '0'.repeat(64) } } }),
    'The base is tiny',
  ],
  ['another template', () => ({ manifest: { ...manifest, template: '0'.repeat(64) } }), 'chat template'],
])('refuses %s', async (_, more, says) => {
  await expect(verify(inputOf(more()))).rejects.toThrow(says);
});

it('a manifest is the same text after reading, and nothing else is accepted', () => {
  const text = encodeTrainingManifest(manifest);
  expect(encodeTrainingManifest(parseTrainingManifest(text, 'm'))).toBe(text);
  const refuse = (change: (value: Record<string, unknown>) => void, says: string) => {
    const value = JSON.parse(text) as Record<string, unknown>;
    change(value);
    expect(() => encodeTrainingManifest(value as unknown as TrainingManifest)).toThrow(says);
  };
  expect(() => parseTrainingManifest(JSON.stringify(JSON.parse(text), null, 1), 'm')).toThrow('not canonical');
  refuse((value) => (value['more'] = 1), 'field "more" is not known');
  refuse((value) => (value['kind'] = 'training/manifest@2'), 'it is not a training/manifest@1');
  refuse((value) => (value['steps'] = 7), 'field "losses" is not a list of 7 numbers');
  refuse((value) => (value['rows'] = 100), 'field "rows" is not one of');
  refuse((value) => (value['job'] = 2), 'field "job" names none');
  refuse((value) => ((value['jobs'] as { sources: number[] }[])[1]!.sources = [2]), 'is not a list of places');
  refuse((value) => (value['chain'] = []), 'field "chain" is not a list of 1 to');
  refuse((value) => (value['adapter'] = { step: 1, sha256: 'A'.repeat(64) }), 'field "adapter.sha256" is not a sha256');
  refuse((value) => ((value['jobs'] as { recipe: { rank: number } }[])[0]!.recipe.rank = 0), 'field "rank" is 0');
});

it('a chain binds each state to all before it', () => {
  const { digester } = context;
  const state = sha256Hex(new Uint8Array([1]), digester);
  const first = nextLink(undefined, { step: 0, state }, digester);
  const other = nextLink(undefined, { step: 1, state }, digester);
  expect(nextLink(first, { step: 2, state }, digester).hash).not.toBe(
    nextLink(other, { step: 2, state }, digester).hash,
  );
});
