// Rotations that hang on the length of a sequence, on the GPU, against transformers.

import { testGpu } from '../support/gpu.ts';
import { ropeCases } from '../support/rope-cases.ts';

ropeCases(testGpu(), ({ name }) => /^(dynamic beyond|longrope crossing)/.test(name));
