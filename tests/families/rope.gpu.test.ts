// Rotations that depend on the sequence length, on the GPU, compared with transformers.

import { testGpu } from '../support/gpu.ts';
import { ropeCases } from '../support/rope-cases.ts';

ropeCases(testGpu(), ({ name }) => /^(dynamic beyond|longrope crossing)/.test(name));
