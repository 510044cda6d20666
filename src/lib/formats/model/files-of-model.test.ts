import { expect, test } from 'vitest';
import { filesOfModel } from './files-of-model.ts';

test.each<[string, string[], string[] | null]>([
  [
    'one file of weights, not those of other runtimes',
    [
      '.gitattributes',
      'README.md',
      'LICENSE',
      'config.json',
      'model.safetensors',
      'pytorch_model.bin',
      'onnx/model.onnx',
      'tokenizer.json',
    ],
    ['LICENSE', 'config.json', 'tokenizer.json', 'model.safetensors'],
  ],
  [
    'shards with their index, not the copy in another layout',
    [
      'config.json',
      'consolidated.safetensors',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
      'original/model.safetensors',
    ],
    [
      'config.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ],
  ],
  [
    'weights as torch saves them, where there are no others',
    ['config.json', 'pytorch_model.bin'],
    ['config.json', 'pytorch_model.bin'],
  ],
  [
    'weights under the older name of AutoGPTQ',
    ['config.json', 'quantize_config.json', 'gptq_model-4bit-128g.safetensors', 'pytorch_model.bin'],
    ['config.json', 'quantize_config.json', 'gptq_model-4bit-128g.safetensors'],
  ],
  [
    'an adapter',
    ['adapter_config.json', 'adapter_model.bin', 'adapter_model.safetensors', 'training_args.bin'],
    ['adapter_config.json', 'adapter_model.safetensors'],
  ],
  ['nothing that is read', ['config.json', 'model.gguf', 'tf_model.h5'], null],
])('%s', (_, paths, expected) => expect(filesOfModel(paths)).toEqual(expected));
