// The layers of Gemma 4 as its config plans them, which of its modules adapters fit, and what is refused.

import { describe, expect, test } from 'vitest';
import { modelPath, openFixture } from '#tests/support/fixtures.ts';
import { readModule } from '#lib/formats/model/adapter-module.ts';
import { adaptableBase } from '../adaptable-base.ts';
import { parseArchitecture, readArchitecture } from '../config.ts';

const small = {
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 308,
  max_position_embeddings: 256,
};

describe('the layers of Gemma 4', () => {
  const gemma = { ...small, model_type: 'gemma4_text', vocab_size_per_layer_input: 308 };
  const layersOf = (config: object) => parseArchitecture({ ...gemma, ...config }).plan;

  test('default to five with a window and one with greater heads, and the last layer has no window', () => {
    const plan = layersOf({ num_hidden_layers: 8 });
    expect(plan.map(({ window }) => window)).toEqual([512, 512, 512, 512, 512, null, 512, null]);
    expect(plan.map(({ sizes }) => sizes?.headDim)).toEqual([...Array<undefined>(5), 512, undefined, 512]);
    expect(plan[5]!.rope).toEqual({ theta: 1e6, scaling: { type: 'proportional', factor: 1, share: 0.25 } });
    expect(plan[0]!.rope).toEqual({ theta: 1e4, scaling: { type: 'default' } });
  });

  test('the last ones read the keys of the last earlier layer of their kind, and may be twice as wide', async () => {
    const { plan } = await readArchitecture(openFixture(modelPath('gemma4')));
    expect(plan.map(({ keysOf }) => keysOf)).toEqual([undefined, undefined, undefined, 1, 2]);
    expect(plan.map(({ sizes }) => sizes)).toEqual([
      undefined,
      undefined,
      { headDim: 12, ropeDim: 12 },
      { projects: 'q', ffn: 40 },
      { headDim: 12, ropeDim: 12, projects: 'q', ffn: 40 },
    ]);
  });

  test('full ones may have other numbers of heads of keys, which are the values too', async () => {
    const { plan } = await readArchitecture(openFixture(modelPath('gemma4_dense')));
    const full = { headDim: 16, ropeDim: 16, kvHeads: 1, projects: 'qk' };
    expect(plan.map(({ sizes }) => sizes)).toEqual([undefined, full, full]);
    expect(layersOf({ num_global_key_value_heads: 1 }).at(-1)!.sizes).toEqual({ headDim: 512, ropeDim: 512 });
    expect(layersOf({ num_global_key_value_heads: 1, attention_k_eq_v: true }).at(-1)!.sizes).toMatchObject({
      kvHeads: 1,
    });
  });

  test('images do not matter where only text is read', () => {
    const outer = { model_type: 'gemma4', vision_config: {}, use_bidirectional_attention: 'vision' };
    expect(parseArchitecture({ ...outer, text_config: gemma }).family).toBe('gemma4');
  });

  test.each([
    [{ enable_moe_block: true }, /"enable_moe_block" is set/],
    [{ attention_bias: true }, /"attention_bias" is set/],
    [{ use_bidirectional_attention: 'all' }, /"use_bidirectional_attention" is set/],
    [{ vocab_size_per_layer_input: 300 }, /"vocab_size_per_layer_input" is 300, and vocab_size is 308/],
    [{ hidden_size_per_layer_input: 6 }, /"hidden_size_per_layer_input" is 6, which is not a multiple of 4/],
    [{ num_kv_shared_layers: 3 }, /"num_kv_shared_layers" is 3/],
    [{ num_kv_shared_layers: 1 }, /layer 2 has no earlier layer of its kind/],
    [{ per_layer_config: { 1: { intermediate_size: 64 } } }, /sets "intermediate_size" of a layer/],
    [{ per_layer_config: { full_attention: {} } }, /has "full_attention", which is not a layer's number/],
    [{ per_layer_config: { 1: { head_dim: 18 } } }, /head_dim.*multiple of 4/],
    [{ per_layer_config: { 1: { num_key_value_heads: 3 } } }, /does not divide num_attention_heads/],
    [{ layer_types: ['conv', 'full_attention', 'full_attention'] }, /"layer_types" holds "conv"/],
  ])('%o is refused by name', (change, message) => {
    expect(() => layersOf(change)).toThrow(message);
  });
});

describe('an adapter of Gemma 4', () => {
  const config = { useDora: false, settingsOf: () => ({ rank: 2, scale: 1 }) };
  const entry = (name: string, shape: number[]) => {
    const bytes = shape.reduce((product, side) => product * side, 4);
    return { name, dtype: 'F32' as const, shape, file: 'a', start: 0, end: bytes };
  };
  const read = async (path: string, input: number, output: number) => {
    const base = adaptableBase(await readArchitecture(openFixture(modelPath('gemma4'))));
    const parts = { a: entry('a', [2, input]), b: entry('b', [output, 2]) };
    return readModule(config as never, base, path, parts, 'adapter');
  };

  test('has the sizes of its layer', async () => {
    const outputOf = async (layer: number) =>
      (await read(`model.layers.${layer}.self_attn.q_proj`, 24, 32)).map(({ target }) => target.output);
    expect([await outputOf(1), await outputOf(2)]).toEqual([[32], [48]]);
  });

  test('on the projection outside the layers is divided among them', async () => {
    const matrices = await read('model.language_model.per_layer_model_projection', 24, 40);
    expect(matrices.map(({ layer, b }) => [layer, b.start, b.end])).toEqual(
      [0, 1, 2, 3, 4].map((layer) => [layer, layer * 64, (layer + 1) * 64]),
    );
  });

  test.each([
    ['of another length', 'model.per_layer_model_projection', 32, /has 32 rows.*per_layer_model_projection has 40/],
    ['within a layer', 'model.layers.0.per_layer_model_projection', 40, /which is not supported/],
    ['where keys are those of another layer', 'model.layers.3.self_attn.k_proj', 16, /which is not supported/],
  ])('%s is refused', async (_, path, output, message) => {
    await expect(read(path, 24, output)).rejects.toThrow(message);
  });
});
