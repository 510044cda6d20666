// Fields of generation_config.json on the GPU, compared with transformers: those that the `constrain` kernel computes, and one
// that it does not.

import { generationCases } from '../support/generation-cases.ts';
import { testGpu } from '../support/gpu.ts';

const KERNELS =
  /^(repetition_penalty$|suppress|bad_words_ids with|no_repeat_ngram_size [13]|sequence_bias twice|min_new_tokens$|forced_.*(list|begin)|all)/;

generationCases(testGpu(), ({ name }) => KERNELS.test(name));
