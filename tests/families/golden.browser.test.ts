// Golden cases in a real browser: the same engine, the same bounds, on the browser's own WebGPU, files over HTTP.

import { describe, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import { createUrlFolder } from '#lib/files/url-folder.ts';
import bloom from '../fixtures/models/bloom/expected.json';
import falcon40b from '../fixtures/models/falcon40b/expected.json';
import gemma3 from '../fixtures/models/gemma3/expected.json';
import glm4 from '../fixtures/models/glm4/expected.json';
import llama3 from '../fixtures/models/llama3/expected.json';
import olmo2 from '../fixtures/models/olmo2/expected.json';

interface Expected {
  ids: number[];
  adapters: string[];
  greedy: Record<string, number[]>;
  margin: Record<string, number>;
}

const LOGIT_BOUND = 2e-4;
// One case at least for each: windows, ALiBi, blocks side by side, rotation in neighbouring pairs, norms after blocks only.
const CASES: Record<string, Expected> = { llama3, gemma3, bloom, falcon40b, glm4, olmo2 };

describe.each(Object.entries(CASES))('%s in the browser', (name, expected) => {
  it('gives the golden logits and greedy tokens, base and every adapter', async () => {
    const root = new URL(`/tests/fixtures/models/${name}`, location.href).href;
    const engine = createEngine({
      gpu: navigator.gpu,
      openFolder: (ref) => createUrlFolder((ref as { url: string }).url, fetch),
      now: () => performance.now(),
      today: () => new Date(),
      log: () => undefined,
    });
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
    await engine.dispose();
  });
});
