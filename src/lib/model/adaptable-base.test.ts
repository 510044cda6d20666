// Which modules of a model with experts an adapter may change, by layer; and the names of a head.

import { expect, test } from 'vitest';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { ADAPTER_WEIGHTS, readAdapter } from '#lib/formats/model/adapter.ts';
import type { AdapterConfig } from '#lib/formats/model/adapter-config.ts';
import { readModule } from '#lib/formats/model/adapter-module.ts';
import { readTensorIndex } from '#lib/formats/model/model-files.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import { modelPath, openFixture } from '#tests/support/fixtures.ts';
import { adaptableBase } from './adaptable-base.ts';
import { readArchitecture } from './config.ts';
import { resolveTensors } from './families/resolve-tensors.ts';

const config: AdapterConfig = { kind: 'lora', useDora: false } as unknown as AdapterConfig;

async function moduleOf(model: string, path: string) {
  const base = adaptableBase(await readArchitecture(openFixture(modelPath(model))));
  return () => readModule(config, base, path, {}, 'adapter');
}

// Layer 1 of qwen3_moe has a block of its own, its other layers have experts.
test.each([
  ['qwen3_moe', 'model.layers.0.mlp.gate_proj'],
  ['qwen3_moe', 'model.layers.01.mlp.experts.0.gate_proj'],
  ['qwen3_moe', 'model.layers.2.mlp.gate'],
  ['qwen2_moe', 'model.layers.0.mlp.gate_proj'],
  ['qwen2_moe', 'model.layers.1.mlp.experts.3.down_proj'],
  ['qwen2_moe', 'model.layers.1.mlp.gate'],
  ['qwen2_moe', 'model.layers.1.mlp.shared_expert_gate'],
])('%s: an adapter on %s is refused by name', async (model, path) => {
  expect(await moduleOf(model, path)).toThrow(`the adapter adapts module "${path}", which is not supported`);
});

test.each([
  ['qwen3_moe', 'model.layers.1.mlp.gate_proj'],
  ['qwen3_moe', 'model.layers.0.self_attn.q_proj'],
  ['qwen2_moe', 'model.layers.0.mlp.shared_expert.down_proj'],
])('%s: an adapter may change %s', async (model, path) => {
  expect(await moduleOf(model, path)).toThrow(`module "${path}" has no tensor`);
});

test.each(['embed_out', 'lm_head'])(
  'GPT-NeoX calls its head %s: in a model, in LoRA, saved, and its tokens',
  async (head) => {
    const folder = openFixture(modelPath('gpt_neox'));
    const architecture = await readArchitecture(folder);
    const index = await readTensorIndex(folder);
    const own = index.get('embed_out.weight') ?? index.get('lm_head.weight')!;
    for (const name of ['embed_out.weight', 'lm_head.weight']) index.delete(name);
    index.set(`${head}.weight`, { ...own, name: `${head}.weight` });
    expect(resolveTensors(architecture, index, 'm').head?.name).toBe(`${head}.weight`);

    const { vocab, hidden } = architecture;
    const plan = (tensors: Record<string, number[]>, more: object = {}) => {
      const stored = Object.entries(tensors).map(([name, shape]) => ({
        ...{ name: `base_model.model.${name}`, dtype: 'F32' as const, shape },
        data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
      }));
      const config = { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: [head], ...more };
      const files = new Map<string, string | Uint8Array>([
        ['adapter_config.json', JSON.stringify(config)],
        [ADAPTER_WEIGHTS, encodeSafetensors(stored)],
      ]);
      return readAdapter(createMemoryFolder('adapter', files), adaptableBase(architecture));
    };
    const lora = { [`${head}.lora_A.weight`]: [2, hidden], [`${head}.lora_B.weight`]: [vocab, 2] };
    expect((await plan(lora)).tables.head).toMatchObject({ rank: 2, scale: 2 });
    expect(
      (await plan({ [`${head}.weight`]: [vocab, hidden] }, { modules_to_save: [head] })).saved.head,
    ).not.toBeNull();
    const rows = { [`${head}.token_adapter.trainable_tokens_delta`]: [2, hidden] };
    expect((await plan(rows, { trainable_token_indices: { [head]: [1, 3] } })).tokens.head).toMatchObject({
      ids: [1, 3],
    });
  },
);
