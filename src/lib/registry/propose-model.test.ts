import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCatalogue } from './catalogue.ts';
import { proposeModel, type ProposalDevice } from './propose-model.ts';

const { models } = parseCatalogue(readFileSync('static/catalogue.json', 'utf8'), 'catalogue.json');
const device = (gigabytesPerSecond: number, more: Partial<ProposalDevice> = {}): ProposalDevice => ({
  speed: {
    bytesPerSecond: { f16: gigabytesPerSecond * 1e9, q8: gigabytesPerSecond * 1e9, q4: gigabytesPerSecond * 1e9 },
    dispatchSeconds: 5e-6,
  },
  memoryBytes: 8e9,
  freeBytes: 100e9,
  ...more,
});
const named = (of: ProposalDevice) => {
  const proposal = proposeModel(models, of);
  return proposal && `${proposal.model.repo} ${proposal.dtype}`;
};

describe('proposes the largest model of the catalogue that a device runs well', () => {
  it.each([
    ['a fast GPU', device(500), 'deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B f16'],
    ['a phone', device(20, { memoryBytes: 3e9 }), 'deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B q4'],
    ['little memory', device(500, { memoryBytes: 1e9 }), 'Qwen/Qwen2.5-0.5B-Instruct q4'],
    ['little room for files', device(500, { freeBytes: 500e6 }), 'HuggingFaceTB/SmolLM2-135M-Instruct f16'],
    ['a GPU in software', device(1), 'HuggingFaceTB/SmolLM2-135M-Instruct q4'],
  ])('%s', (_, of, expected) => expect(named(of)).toBe(expected));
});

it('proposes nothing where nothing fits or all would crawl', () => {
  expect(named(device(500, { memoryBytes: 300e6 }))).toBe(null);
  expect(named(device(500, { freeBytes: 1e6 }))).toBe(null);
  expect(named(device(0.05))).toBe(null);
  expect(proposeModel([], device(500))).toBe(null);
});

it('assumes little memory where nothing is known of it', () => {
  expect(named(device(500, { memoryBytes: null }))).toBe('deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B q4');
});

it('never proposes a gated model, nor one of which that is not known', () => {
  const open = { ...models.find(({ isGated }) => isGated === false)!, tier: 1 as const };
  const { isGated: _, ...unknown } = open;
  expect(proposeModel([{ ...open, isGated: true }, unknown], device(500))).toBe(null);
  expect(proposeModel([open], device(500))?.model).toBe(open);
});

it('says a speed that follows from the bytes read for each token', () => {
  const slow = proposeModel(models, device(1))!;
  expect(slow.tokensPerSecond).toBeCloseTo(1 / ((134_515_008 * 0.67) / 1e9 + 250 * 5e-6));
  expect(slow.downloadBytes).toBe(269_060_552);
});
