// Which modules of a model with experts an adapter may change, by layer.

import { expect, test } from 'vitest';
import type { AdapterConfig } from '#lib/formats/model/adapter-config.ts';
import { readModule } from '#lib/formats/model/adapter-module.ts';
import { modelPath, openFixture } from '#tests/support/fixtures.ts';
import { adaptableBase } from './adaptable-base.ts';
import { readArchitecture } from './config.ts';

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
