import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { createReferenceDevice } from '../../reference-device.ts';
import { SLOT } from '../../step-state.ts';
import { expectSame, runKernel, testDevice, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { MAX_TOP, RESULT } from './sample-result.ts';
import { BANNED, FORCED } from '../constrain/constraint-words.ts';
import { IN_PROMPT, sample, sampleConstrained } from './sample.ts';
import { sampleReference } from './sample.reference.ts';

const random = createRng(41);
const OUTPUTS = [4, 0, 2];

interface Settings {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repetition?: number;
  presence?: number;
  frequency?: number;
  seed?: number;
}

function sampleCase(vocab: number, settings: Settings, logits: Float32Array<ArrayBuffer>) {
  const step = stepCase({ rows: 6, longest: 32, outputs: OUTPUTS, positionOf: (row) => (row === 2 ? 9 : null) });
  const floats = new Float32Array(step.state.buffer);
  for (let slot = 0; slot < 6; slot++) {
    const at = step.params.slotsAt + slot * SLOT.words;
    floats[at + SLOT.temperature] = settings.temperature ?? 0;
    step.state[at + SLOT.topK] = settings.topK ?? 0;
    floats[at + SLOT.topP] = settings.topP ?? 1;
    floats[at + SLOT.minP] = settings.minP ?? 0;
    floats[at + SLOT.repetition] = settings.repetition ?? 1;
    floats[at + SLOT.presence] = settings.presence ?? 0;
    floats[at + SLOT.frequency] = settings.frequency ?? 0;
    step.state[at + SLOT.seed] = (settings.seed ?? 0) + slot;
  }
  const counts = Uint32Array.from({ length: 6 * vocab }, (_, i) => [0, 0, IN_PROMPT, 1, IN_PROMPT + 2][i % 5]!);
  return { step, counts, logits, results: new Uint32Array(unwritten(OUTPUTS.length * RESULT.words).buffer) };
}

/** Every vocabulary is another kernel, and one with many threads takes a software adapter seconds to compile: two suffice. */
const compilable =
  (threads: number) =>
  ([, vocab]: [string, number, Settings]): boolean =>
    threads === 32 || vocab === 1000 || vocab === 5003;

const normals = (length: number) => Float32Array.from({ length }, () => random.normal() * 3);

describe.each([32, 256])('sample with %i threads', (threads) => {
  const cases: [string, number, Settings][] = [
    ['greedy', 1, {}],
    ['greedy, penalties', 301, { repetition: 1.3, presence: 0.5, frequency: 0.4 }],
    ['temperature', 1000, { temperature: 0.8, seed: 5 }],
    ['top-k', 1000, { temperature: 1.2, topK: 7, seed: 6 }],
    ['top-k wider than the vocabulary', 40, { temperature: 1.2, topK: 900, seed: 6 }],
    ['top-p', 1000, { temperature: 1, topP: 0.7, seed: 7 }],
    ['top-p of nothing', 100, { temperature: 1, topP: 0, seed: 7 }],
    ['min-p', 1000, { temperature: 1, minP: 0.2, seed: 8 }],
    ['all', 5003, { temperature: 0.9, topK: 50, topP: 0.9, minP: 0.01, repetition: 1.1, presence: 0.2, seed: 9 }],
  ];
  it.each(cases.filter(compilable(threads)))(
    '%s over %i tokens picks what the plain sampler picks',
    async (_, vocab, settings) => {
      for (let round = 0; round < 4; round++) {
        const { step, counts, logits, results } = sampleCase(
          vocab,
          { ...settings, seed: (settings.seed ?? 0) * 100 + round * 10 },
          normals(OUTPUTS.length * vocab),
        );
        const params = { ...step.params, vocab, logitScale: 0.5, softcap: round % 2 ? 4 : 0, threads };
        const buffers = { logits, counts, state: step.state, results };
        // Log-probabilities are compared below; here the tokens, slots and counts must be the same bits.
        await expectSame({
          kernel: sample,
          params,
          groups: [OUTPUTS.length, 1, 1],
          buffers,
          compare: { counts: 'words', state: 'words' },
        });
        await expectSame({
          kernel: sample,
          params,
          groups: [OUTPUTS.length, 1, 1],
          buffers,
          compare: { results: 'floats' },
          tolerance: 1e-5,
        });
      }
    },
  );

  const constrained: [string, number, Settings][] = [
    ['greedy', 301, { repetition: 1.3 }],
    ['temperature', 1000, { temperature: 0.8, presence: 0.5, seed: 5 }],
    ['top-k beyond what is allowed', 90, { temperature: 1.2, topK: 60, seed: 6 }],
    ['top-p and min-p', 1000, { temperature: 0.9, topP: 0.9, minP: 0.01, repetition: 1.1, seed: 9 }],
  ];
  it.each(constrained.filter(compilable(threads)))(
    '%s under constraints over %i tokens picks what the plain sampler picks',
    async (_, vocab, settings) => {
      for (let round = 0; round < 4; round++) {
        const seeded = { ...settings, seed: (settings.seed ?? 0) * 100 + round * 10 };
        const { step, counts, logits, results } = sampleCase(vocab, seeded, normals(OUTPUTS.length * vocab));
        const floats = Float32Array.from({ length: OUTPUTS.length * vocab }, (_, i) =>
          i % 2 ? BANNED : [0, 1.5, BANNED, -2, 0][i % 5]!,
        );
        // One row is not constrained, and in one everything is banned but, in later rounds, one token.
        step.state[step.params.slotsAt + OUTPUTS[0]! * SLOT.words + SLOT.constrained] = 1;
        step.state[step.params.slotsAt + OUTPUTS[2]! * SLOT.words + SLOT.constrained] = 1;
        floats.fill(BANNED, 2 * vocab);
        if (round > 1) floats[2 * vocab + 11] = FORCED;
        const of = {
          kernel: sampleConstrained,
          params: { ...step.params, vocab, logitScale: 0.5, softcap: 0, threads },
          groups: [OUTPUTS.length, 1, 1] as const,
          buffers: { logits, counts, state: step.state, results, bias: floats },
        };
        await expectSame({ ...of, compare: { counts: 'words', state: 'words' } });
        const words = new Uint32Array(
          (await runKernel(await testDevice(), { ...of, compare: { results: 'words' } })).results!,
        );
        expect(floats[words[RESULT.token]!]).toBeGreaterThan(BANNED);
        expect(words[2 * RESULT.words + RESULT.token]).toBe(round > 1 ? 11 : 0);
      }
    },
  );

  it('lists the most likely tokens before penalties, the first of equals first', async () => {
    for (const vocab of [MAX_TOP, 777]) {
      // Few different values, so that many are equal.
      const logits = Float32Array.from({ length: OUTPUTS.length * vocab }, () => random.below(6) - 3);
      const { step, counts, results } = sampleCase(vocab, { repetition: 1.5, temperature: 1 }, logits);
      OUTPUTS.forEach(
        (slot, i) => (step.state[step.params.slotsAt + slot * SLOT.words + SLOT.topCount] = [3, 0, MAX_TOP][i]!),
      );
      const params = { ...step.params, vocab, logitScale: 1, softcap: 0, threads };
      const buffers = { logits, counts, state: step.state, results };
      const of = {
        kernel: sample,
        params,
        groups: [OUTPUTS.length, 1, 1] as const,
        buffers,
        compare: { results: 'floats' as const },
      };
      await expectSame({ ...of, tolerance: 1e-5 });
      const words = new Uint32Array((await runKernel(await testDevice(), of)).results!);
      OUTPUTS.forEach((_, out) => {
        const row = logits.subarray(out * vocab, (out + 1) * vocab);
        const likely = Array.from(row.keys()).sort((a, b) => row[b]! - row[a]! || a - b);
        const count = [3, 0, MAX_TOP][out]!;
        const listed = Array.from({ length: count }, (_, n) => words[out * RESULT.words + RESULT.top + 2 * n]);
        expect(listed).toEqual(likely.slice(0, count));
      });
    }
  });

  it('reports logits that are not finite', async () => {
    const { step, counts, results } = sampleCase(64, {}, normals(0));
    const logits = normals(OUTPUTS.length * 64);
    logits[64 + 9] = NaN;
    const of = {
      kernel: sample,
      params: { ...step.params, vocab: 64, logitScale: 1, softcap: 0, threads },
      groups: [OUTPUTS.length, 1, 1] as const,
      buffers: { logits, counts, state: step.state, results },
      compare: { results: 'words' as const },
    };
    for (const device of [await testDevice(), createReferenceDevice()]) {
      const words = new Uint32Array((await runKernel(device, of)).results!);
      expect([0, 1, 2].map((i) => words[i * RESULT.words + RESULT.broken]! > 0)).toEqual([false, true, false]);
    }
  });
});

describe('the draw', () => {
  it('follows the distribution', () => {
    const vocab = 4;
    const logits = new Float32Array([Math.log(1), Math.log(2), Math.log(3), Math.log(4)]);
    const seen = new Uint32Array(vocab);
    for (let seed = 0; seed < 4000; seed++) {
      const { step, counts, results } = sampleCase(vocab, { temperature: 1, seed }, logits);
      const memory = (data: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>) => ({
        u32: new Uint32Array(data.buffer),
        f32: new Float32Array(data.buffer),
      });
      step.state[2] = 1;
      sampleReference(
        { logits: memory(logits), counts: memory(counts), state: memory(step.state), results: memory(results) },
        { ...step.params, vocab, logitScale: 1, softcap: 0, threads: 32 },
      );
      seen[results[0]!]!++;
    }
    seen.forEach((count, i) => expect(Math.abs(count / 4000 - (i + 1) / 10)).toBeLessThan(0.03));
  });
});
