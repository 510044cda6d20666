import { expect, test } from 'vitest';
import { findGgufVariant, ggufVariants } from './gguf-variants.ts';

const list = (...paths: string[]) => paths.map((path, at) => ({ path, bytes: 100 + at }));
const namesOf = (...paths: string[]) => ggufVariants(list(...paths)).map(({ name }) => name);

test('the usual choice comes first, then others that can be read; the rest is left out', () => {
  expect(
    namesOf(
      'README.md',
      'Model-1B-IQ2_XS.gguf',
      'Model-1B-Q2_K.gguf',
      'Model-1B-Q3_K_L.gguf',
      'Model-1B-Q8_0.gguf',
      'Model-1B-f16.gguf',
      'Model-1B-Q5_K_S.gguf',
      'Model-1B-Q4_K_M.gguf',
      'mmproj-Model-1B-f16.gguf',
      'Model-1B.imatrix.gguf',
      'Model-1B-MXFP4_MOE.gguf',
    ),
  ).toEqual(['Q4_K_M', 'Q8_0', 'F16', 'Q5_K_S']);
});

test.each([
  ['model.q4_0.gguf', 'Q4_0'],
  ['Model-UD-Q4_K_XL.gguf', 'UD-Q4_K_XL'],
  ['Model_BF16.gguf', 'BF16'],
  ['Q6_K.gguf', 'Q6_K'],
  ['ggml-model.gguf', 'ggml-model'],
  ['deep/Model-FP32.GGUF', 'FP32'],
])('%s is called %s', (path, name) => expect(namesOf(path)).toEqual([name]));

test('two files of one quantisation are called as their files are', () => {
  expect(namesOf('a/Small-Q8_0.gguf', 'a/Large-Q8_0.gguf')).toEqual(['Small-Q8_0', 'Large-Q8_0']);
});

test('parts are one file, in order', () => {
  const [only, ...others] = ggufVariants(list('Q8_0/M-Q8_0-00002-of-00002.gguf', 'Q8_0/M-Q8_0-00001-of-00002.gguf'));
  expect([only, others]).toEqual([
    {
      name: 'Q8_0',
      paths: ['Q8_0/M-Q8_0-00001-of-00002.gguf', 'Q8_0/M-Q8_0-00002-of-00002.gguf'],
      bytes: 201,
    },
    [],
  ]);
});

test('names that nothing can be written after are left out', () => {
  expect(namesOf('my model.gguf', `${'x'.repeat(97)}.gguf`)).toEqual([]);
});

test('one is found by its quantisation or by its file', () => {
  const variants = ggufVariants(list('M-Q4_K_M.gguf', 'M-Q8_0-00001-of-00002.gguf', 'M-Q8_0-00002-of-00002.gguf'));
  const pathOf = (wanted?: string) => findGgufVariant(variants, wanted)?.paths[0];
  expect([pathOf(), pathOf('q8_0'), pathOf('m-q8_0'), pathOf('Q5_K_M')]).toEqual([
    'M-Q4_K_M.gguf',
    ...['M-Q8_0-00001-of-00002.gguf', 'M-Q8_0-00001-of-00002.gguf'],
    undefined,
  ]);
});
