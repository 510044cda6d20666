// Adapters with more than matrices, compared with PEFT's results, as tests of one device.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Folder } from '#lib/core/folder.ts';
import { parseSafetensors } from '#lib/formats/model/safetensors.ts';
import { openFixture } from './fixtures.ts';
import { answer, readExpectedSmall, type AdapterCase } from './generation-cases.ts';
import { LOGIT_BOUND, relativeError } from './golden.ts';
import { encodeTensors, smallBases, smallEngine, SMALL_ROOT, type Tensors } from './small-model.ts';

export const smallAdapter = (name: string): Folder => openFixture(join(SMALL_ROOT, 'adapters', name));

/** An adapter with its tensors, or fields of its config, changed. */
export async function changedAdapter(
  name: string,
  change: (tensors: Tensors) => void,
  fields: object = {},
): Promise<Folder> {
  const folder = smallAdapter(name);
  const file = 'adapter_model.safetensors';
  const bytes = await folder.read(file, 0, await folder.size(file));
  const tensors: Tensors = new Map(
    parseSafetensors(bytes, bytes.length, file).tensors.map(({ name: key, dtype, shape, start, end }) => [
      key,
      { dtype, shape, data: bytes.slice(start, end) },
    ]),
  );
  change(tensors);
  const text = await folder.read('adapter_config.json', 0, await folder.size('adapter_config.json'));
  const config = { ...(JSON.parse(new TextDecoder().decode(text)) as object), ...fields };
  return openFixture(join(SMALL_ROOT, 'adapters', name), {
    [file]: encodeTensors(tensors),
    'adapter_config.json': JSON.stringify(config),
  });
}

const { ids, adapters } = readExpectedSmall();

/** One request with the adapter, between two without it. */
export async function expectAdapter(gpu: GPU | null, of: AdapterCase, folder: Folder): Promise<void> {
  const engine = await smallEngine(smallBases[of.base](), { gpu, adapters: { it: folder } });
  const before = await engine.logits(ids);
  const { id } = await engine.loadAdapter({ kind: 'directory', path: 'it' });
  const uses = [{ id, weight: 1 }];
  const { data, vocab } = await engine.logits(ids, uses);
  expect(relativeError(data.slice(-vocab), Float32Array.from(of.last))).toBeLessThan(LOGIT_BOUND);
  const plain = { prompt: { ids }, maxTokens: of.greedy.length };
  const alone = await answer(engine, plain);
  const [first, applied, last] = await Promise.all([
    answer(engine, plain),
    answer(engine, { ...plain, adapters: uses }),
    answer(engine, plain),
  ]);
  expect(applied.ids).toEqual(of.greedy);
  expect([first.ids, last.ids]).toEqual([alone.ids, alone.ids]);
  expect((await engine.logits(ids)).data).toEqual(before.data);
  expect((await engine.logits(ids, [{ id, weight: 0 }])).data).toEqual(before.data);
  await engine.dispose();
}

export function adapterCases(gpu: GPU | null, which: (of: AdapterCase) => boolean = () => true): void {
  describe.each(adapters.filter(which))('adapter $name on a base that is $base', (of) => {
    it('gives the logits and tokens of PEFT, and others what they get without it', async () => {
      await expectAdapter(gpu, of, smallAdapter(of.name));
    });
  });
}
