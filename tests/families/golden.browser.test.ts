// Golden cases in a real browser: the same engine, the same bounds for logits and gradients, on the browser's own WebGPU, files over HTTP.

import { afterAll, describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { createEngine } from '#lib/engine/create-engine.ts';
import { createUrlFolder } from '#lib/files/url-folder.ts';
import bloom from '../fixtures/models/bloom/expected.json';
import deepseekV3 from '../fixtures/models/deepseek_v3/expected.json';
import falcon40b from '../fixtures/models/falcon40b/expected.json';
import gemma2 from '../fixtures/models/gemma2/expected.json';
import gemma3 from '../fixtures/models/gemma3/expected.json';
import gemma4 from '../fixtures/models/gemma4/expected.json';
import gemma4Dense from '../fixtures/models/gemma4_dense/expected.json';
import glm4 from '../fixtures/models/glm4/expected.json';
import lfm2 from '../fixtures/models/lfm2/expected.json';
import llama3 from '../fixtures/models/llama3/expected.json';
import olmo2 from '../fixtures/models/olmo2/expected.json';
import qwen2Moe from '../fixtures/models/qwen2_moe/expected.json';
import { worstGradientError } from '../support/worst-gradient-error.ts';

interface Expected {
  ids: number[];
  adapters: string[];
  greedy: Record<string, number[]>;
  margin: Record<string, number>;
}

const LOGIT_BOUND = 2e-4;
/** Weights of the demo model. */
const MODEL_BYTES = 9.6e6;
/** At least one case for each switch of the decoder that a kernel or a block computes. */
const CASES: Record<string, { switches: string; expected: Expected }> = {
  llama3: { switches: 'every kind of adapter', expected: llama3 },
  gemma2: { switches: 'soft caps, norms before and after blocks', expected: gemma2 },
  gemma4: {
    switches: 'windows, an input of each layer, keys and values shared by layers, heads of two sizes',
    expected: gemma4,
  },
  gemma4_dense: { switches: 'values that are the keys, partial rotation in some layers', expected: gemma4Dense },
  lfm2: { switches: 'convolutions', expected: lfm2 },
  olmo2: { switches: 'norms after blocks only', expected: olmo2 },
  bloom: { switches: 'ALiBi', expected: bloom },
  falcon40b: { switches: 'blocks side by side', expected: falcon40b },
  glm4: { switches: 'rotation in neighbouring pairs', expected: glm4 },
  qwen2_moe: { switches: 'experts, a gated shared expert', expected: qwen2Moe },
  deepseek_v3: { switches: 'latent attention, groups of experts', expected: deepseekV3 },
};

describe('golden cases in the browser', () => {
  // One engine for all cases: a kernel that is compiled for one of them serves the others.
  const engine = createEngine({
    gpu: navigator.gpu,
    openFolder: (ref) => createUrlFolder((ref as { url: string }).url, fetch),
    now: () => performance.now(),
    today: () => new Date(),
    log: () => undefined,
  });
  afterAll(() => engine.dispose());

  it.each(Object.entries(CASES))('%s: logits and greedy tokens, base and every adapter', async (name, { expected }) => {
    const root = new URL(`/tests/fixtures/models/${name}`, location.href).href;
    for await (const event of engine.load({ model: { kind: 'url', url: root }, dtype: 'f32' })) {
      if (event.type === 'ready') expect(event.model.device.kind).toBe('webgpu');
    }
    for (const run of ['base', ...expected.adapters]) {
      const adapters =
        run === 'base'
          ? []
          : [{ id: (await engine.loadAdapter({ kind: 'url', url: `${root}/${run}` })).id, weight: 1 }];
      const golden = new Float32Array(await (await fetch(`${root}/logits.${run}.f32`)).arrayBuffer());
      const { data } = await engine.logits(expected.ids, adapters);
      const greatest = golden.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
      const off = golden.reduce((worst, v, i) => Math.max(worst, Math.abs(v - data[i]!)), 0);
      expect(off / greatest, run).toBeLessThan(LOGIT_BOUND);
      if (expected.margin[run]! <= LOGIT_BOUND) continue;
      const wanted = expected.greedy[run]!;
      for await (const event of engine.generate({
        prompt: { ids: expected.ids },
        adapters,
        maxTokens: wanted.length,
      })) {
        if (event.type === 'done') expect(event.ids, run).toEqual(wanted);
      }
    }
  });

  it.each([
    { name: 'llama3', expected: llama3 },
    { name: 'gemma3', expected: gemma3 },
  ])('$name: gradients of a LoRA adapter', async ({ name, expected }) => {
    const at = (path: string) => new URL(`/tests/fixtures/${path}`, location.href).href;
    for await (const _ of engine.load({ model: { kind: 'url', url: at(`models/${name}`) }, dtype: 'f32' }));
    const { ids, labels, loss } = expected;
    const adapters = [{ kind: 'url', url: at(`models/${name}/lora`) } as const];
    const [got] = await Array.fromAsync(engine.gradients({ adapters, examples: [{ ids, labels, adapter: 0 }] }));
    const golden = await (await fetch(at(`gradients/${name}.lora.safetensors`))).arrayBuffer();
    expect(got!.loss / loss.lora).toBeCloseTo(1, 6);
    expect(await worstGradientError(got!.gradient, new Uint8Array(golden), `${name}.lora`)).toBeLessThan(2);
  });

  it('a model of 10 MB stays on the heap neither while it is loaded nor when the engine is disposed', async () => {
    const before = await heapBytes();
    const url = new URL('/static/models/nano/base', location.href).href;
    for await (const _ of engine.load({ model: { kind: 'url', url }, dtype: 'f16', contextLength: 128 }));
    expect((await heapBytes()) - before).toBeLessThan(MODEL_BYTES / 2);
    await engine.dispose();
    expect((await heapBytes()) - before).toBeLessThan(MODEL_BYTES / 2);
  });
});

/** Objects and buffers that can still be reached. */
async function heapBytes(): Promise<number> {
  const devtools = cdp();
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize + backingStorageSize;
}
