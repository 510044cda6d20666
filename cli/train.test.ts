// `payable train` and `payable verify-training` on the plain kernels: a run, its files, a stop and going on, and a segment computed again.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parseTrainingManifest } from '#lib/factory/training-manifest.ts';
import { tinyChatModel } from '#tests/support/tiny-chat-model.ts';
import { run } from './run.ts';

const root = mkdtempSync(join(tmpdir(), 'payable-train-'));
const at = (...path: string[]) => join(root, ...path);

beforeAll(async () => {
  mkdirSync(at('model'));
  for (const { path, file } of tinyChatModel()) writeFileSync(at('model', path), Buffer.from(await file.arrayBuffer()));
  const rows = Array.from({ length: 8 }, (_, i) => JSON.stringify({ text: `${String.fromCharCode(97 + i)}=X${i}` }));
  writeFileSync(at('rows.jsonl'), [...rows, JSON.stringify({ image: 'x' })].join('\n'));
  const data = { length: 32, validation: { share: 0.1, least: 1 } };
  writeFileSync(
    at('r.json'),
    JSON.stringify({ rank: 2, alpha: 4, batch: 4, epochs: 2, validations: 2, patience: null, data }),
  );
  writeFileSync(at('samples.txt'), 'a=\n');
});

async function payable(args: readonly string[], stopAfter?: string) {
  const written = { text: '', failed: '' };
  const stop = new AbortController();
  const output = {
    write: (text: string) => {
      written.text += text;
      if (stopAfter !== undefined && text.includes(stopAfter)) stop.abort();
    },
    fail: (line: string) => void (written.failed += line),
  };
  const code = await run(
    [...args, '--model', at('model'), '--data', at('rows.jsonl'), '--device', 'reference', '--context', '40'],
    output,
    stop.signal,
  );
  return { code, ...written };
}
const train = (out: string, more: readonly string[] = [], stopAfter?: string) =>
  payable(['train', '--recipe', at('r.json'), '--out', at(out), ...more], stopAfter);

it('writes an adapter, its manifest, curves and the states that are asked for, and verifies a segment', async () => {
  const { code, text, failed } = await train('whole', ['--keep-states', '--json', '--samples', at('samples.txt')]);
  expect([code, failed]).toEqual([0, '']);
  const said = JSON.parse(text) as Record<string, unknown>;
  expect(said).toMatchObject({
    steps: 4,
    reduced: [],
    device: 'reference',
    adapters: [{ name: 'adapter', folder: at('whole') }],
  });
  expect(said['data']).toMatchObject({ counts: { train: { examples: 7 }, validation: { examples: 1 } } });
  expect(readdirSync(at('whole')).sort()).toEqual([
    ...['adapter_config.json', 'adapter_model.safetensors', 'checkpoints', 'curves.jsonl', 'manifest.json'],
  ]);
  const curves = readFileSync(at('whole', 'curves.jsonl'), 'utf8').trimEnd().split('\n');
  expect(curves.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
    ...['step', 'step', 'validation', 'sample', 'step', 'step', 'validation', 'sample'],
  ]);
  const verify = ['verify-training', at('whole', 'manifest.json'), '--segment', '2', '--json'];
  const verified = await payable(verify);
  expect(verified.code).toBe(0);
  expect(JSON.parse(verified.text)).toMatchObject({ segment: 2, from: 2, to: 4, isIdentical: true, holds: true });
});

it('is stopped, says how to go on, and goes on to the same bytes', async () => {
  const stopped = await train('stopped', [], 'validation after step 2');
  expect([stopped.code, stopped.failed]).toEqual([130, 'payable: stopped.']);
  expect(existsSync(at('stopped', 'adapter_config.json'))).toBe(false);
  const anew = await train('stopped');
  expect(anew.failed).toContain('Add --resume to go on');
  const { code, text } = await train('stopped', ['--resume']);
  expect(code).toBe(0);
  expect(text).toContain('goes on after step 2');
  for (const file of ['adapter_model.safetensors', 'manifest.json'])
    expect(readFileSync(at('stopped', file)).equals(readFileSync(at('whole', file))), file).toBe(true);
  expect(existsSync(at('stopped', 'checkpoints', 'run'))).toBe(false);
  const steps = readFileSync(at('stopped', 'curves.jsonl'), 'utf8').match(/"type":"step","step":\d/g);
  expect(steps).toEqual([1, 2, 3, 4].map((step) => `"type":"step","step":${step}`));
});

it('trains several adapters together, each with a directory and with data of its own', async () => {
  const rows = Array.from({ length: 6 }, (_, i) => JSON.stringify({ text: `${i}=Y` }));
  writeFileSync(at('digits.jsonl'), rows.join('\n'));
  const packed = ['datanet', 'pack', at('digits.jsonl'), '--out', at('version'), '--licence', 'CC-BY-4.0'];
  expect(await run(packed, { write: () => undefined, fail: () => undefined }, new AbortController().signal)).toBe(0);
  const jobs = [
    { name: 'a', maxSteps: 1 },
    { name: 'b', recipe: { maxSteps: 1 }, rank: 1, data: at('version') },
    { name: 'c', maxSteps: 1, data: [at('version'), at('rows.jsonl')] },
  ];
  writeFileSync(at('jobs.jsonl'), jobs.map((job) => JSON.stringify(job)).join('\n'));
  const { code, failed, text } = await train('jobs', ['--jobs', at('jobs.jsonl'), '--json']);
  expect([code, failed]).toEqual([0, '']);
  const { adapters } = JSON.parse(text) as { adapters: { data: { counts: { train: { rows: number } } } }[] };
  expect(adapters.map(({ data }) => data.counts.train.rows)).toEqual([7, 5, 13]);
  for (const name of ['a', 'b', 'c']) {
    expect(existsSync(at('jobs', name, 'adapter_config.json'))).toBe(true);
    const manifest = parseTrainingManifest(readFileSync(at('jobs', name, 'manifest.json'), 'utf8'), name);
    expect(manifest.sources.map((source) => source.rows)).toEqual([8, 6]);
    expect(manifest.sources[1]!.id).toMatch(/^bafyrei/);
    expect(manifest.jobs.map((job) => job.sources)).toEqual([[0], [1], [1, 0]]);
  }
});

it.each([
  [['--preset', 'best'], 'It takes traceable, quick, balanced, thorough.'],
  [['--resume'], 'holds no training that can go on'],
  [['--finish'], 'Option --finish needs --resume.'],
  [['--steps', '0'], '--steps'],
])('refuses %o in words', async (more, says) => {
  const { code, failed } = await train('refused', more);
  expect(code).toBe(1);
  expect(failed).toContain(says);
  expect(existsSync(at('refused'))).toBe(false);
});
