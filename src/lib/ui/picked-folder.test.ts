import { expect, it } from 'vitest';
import { rootOf } from './picked-folder.ts';

const files = (...paths: string[]) => paths.map((path) => ({ path, file: new File([], path) }));
const paths = (...given: string[]) => {
  const root = rootOf(files(...given));
  return root && [root.kind, root.name, ...root.files.map(({ path }) => path)];
};

it('finds the model in the folder that was picked, or below it', () => {
  expect(paths('qwen/config.json', 'qwen/model.safetensors')).toEqual([
    'model',
    'qwen',
    'config.json',
    'model.safetensors',
  ]);
  expect(paths('x/readme.md', 'x/qwen/config.json', 'x/qwen/a/b.txt')).toEqual([
    'model',
    'qwen',
    'config.json',
    'a/b.txt',
  ]);
});

it('knows an adapter by its own config, even beside a model config', () => {
  expect(paths('lora/config.json', 'lora/adapter_config.json')).toEqual([
    'adapter',
    'lora',
    'config.json',
    'adapter_config.json',
  ]);
});

it('takes the outermost when there are several', () => {
  expect(paths('m/sub/config.json', 'm/config.json')).toEqual(['model', 'm', 'sub/config.json', 'config.json']);
});

it('takes loose files', () => {
  expect(paths('config.json', 'model.safetensors')).toEqual([
    'model',
    'Your folder',
    'config.json',
    'model.safetensors',
  ]);
});

it('says when it is neither, or nothing', () => {
  expect(paths('photos/1.jpg')).toEqual(['unknown', 'photos', 'photos/1.jpg']);
  expect(paths()).toBeUndefined();
});

it('finds one GGUF file where there is no config', () => {
  expect(paths('Llama-3.2-1B.Q4_0.GGUF')).toEqual(['gguf', 'Llama-3.2-1B.Q4_0.GGUF', 'model.gguf']);
  expect(paths('x/readme.md', 'x/a.gguf')).toEqual(['gguf', 'a.gguf', 'model.gguf']);
  expect(paths('x/config.json', 'x/a.gguf')?.[0]).toBe('model');
  expect(paths('x/a.gguf', 'x/b.gguf')?.[0]).toBe('unknown');
});

it('finds the parts of one GGUF model, in their order', () => {
  expect(paths('x/m-00002-of-00002.gguf', 'x/m-00001-of-00002.gguf')).toEqual([
    'gguf',
    'm-00001-of-00002.gguf',
    'model.gguf',
    'model-part-2.gguf',
  ]);
  expect(paths('m-00001-of-00002.gguf', 'n-00002-of-00002.gguf')?.[0]).toBe('unknown');
});
