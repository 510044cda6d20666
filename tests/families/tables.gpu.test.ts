// Adapters that change the embedding or the head: beside each other and the base, and refused when the result would be wrong.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { AdapterUse } from '#lib/engine/engine.ts';
import { adapterPath, openFixture, readExpected } from '../support/fixtures.ts';
import { greedy, loadCase, useAdapter } from '../support/golden.ts';
import { testGpu } from '../support/gpu.ts';
import { testHost } from '../support/host.ts';

const NAME = 'llama2';
const { ids } = readExpected(NAME);
const RUNS = ['base', 'lora', 'headlora', 'embedlora', 'saved'];

const engine = createEngine(testHost(testGpu()));
const uses = new Map<string, AdapterUse>();
beforeAll(async () => {
  await loadCase(engine, NAME, 'q8');
  for (const run of RUNS.slice(1)) uses.set(run, (await useAdapter(engine, NAME, run))[0]!);
});
afterAll(() => engine.dispose());

const applied = (run: string, weight = 1): AdapterUse[] => (run === 'base' ? [] : [{ id: uses.get(run)!.id, weight }]);

describe('adapters of the embedding and the head', () => {
  it('in one batch give what each gives alone', async () => {
    const all = [...RUNS, ...RUNS].map((run, i) => ({ adapters: applied(run), prompt: ids.slice(i, 9 + i) }));
    const alone: number[][] = [];
    for (const { adapters, prompt } of all) alone.push(await greedy(engine, prompt, adapters, 8));
    const together = await Promise.all(all.map(({ adapters, prompt }) => greedy(engine, prompt, adapters, 8)));
    expect(together).toEqual(alone);
    expect(new Set(alone.map(String)).size).toBe(all.length);
  });

  it('add no dispatch to the base, and to others only their own', async () => {
    const dispatches = async (run: string) => {
      await greedy(engine, ids, applied(run), 4);
      return (await engine.stats()).dispatchesPerStep;
    };
    const base = await dispatches('base');
    expect(await dispatches('lora')).toBe(base);
    expect(await dispatches('headlora')).toBe(base + 2);
    expect(await dispatches('embedlora')).toBe(base + 2);
    expect(await dispatches('saved')).toBe(base + 1);
    expect(await dispatches('base')).toBe(base);
  });

  it('are bit-identical to the base at weight 0', async () => {
    const base = await engine.logits(ids);
    for (const run of RUNS.slice(2)) expect((await engine.logits(ids, applied(run, 0))).data, run).toEqual(base.data);
  });

  it('blend by weight if they are LoRA, and are refused if they replace a table', async () => {
    const blend = await engine.logits(ids, [...applied('headlora', 1), ...applied('embedlora', 0)]);
    expect(blend.data).toEqual((await engine.logits(ids, applied('headlora'))).data);
    const both = await engine.logits(ids, [...applied('headlora', 0.5), ...applied('embedlora', 0.5)]);
    expect(both.data).not.toEqual(blend.data);
    await expect(engine.logits(ids, applied('saved', 0.5))).rejects.toThrow(/own output head or embedding/);
  });

  it('are refused by tensor name when they were trained on another table', async () => {
    const file = openFixture(adapterPath(NAME, 'headlora'));
    const weights = await file.read('adapter_model.safetensors', 0, await file.size('adapter_model.safetensors'));
    const header = 8 + Number(new DataView(weights.buffer).getBigUint64(0, true));
    const { data_offsets: range } = (
      JSON.parse(new TextDecoder().decode(weights.subarray(8, header))) as Record<string, { data_offsets: number[] }>
    )['base_model.model.lm_head.base_layer.weight']!;
    new DataView(weights.buffer).setFloat32(header + range[0]! + 400, 1.5, true);
    const changed = createEngine({
      ...testHost(null),
      openFolder: (ref) =>
        openFixture(
          (ref as { path: string }).path,
          (ref as { path: string }).path.endsWith('headlora') ? { 'adapter_model.safetensors': weights } : {},
        ),
    });
    await loadCase(changed, NAME, 'f32');
    await expect(useAdapter(changed, NAME, 'headlora')).rejects.toThrow(
      /lm_head.base_layer.weight" is not the table of this base model/,
    );
    await changed.dispose();
  });
});
