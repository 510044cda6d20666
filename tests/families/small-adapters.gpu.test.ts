// Norms, biases and tokens of adapters on the GPU, compared with PEFT.

import { adapterCases } from '../support/adapter-cases.ts';
import { testGpu } from '../support/gpu.ts';

adapterCases(testGpu(), ({ name }) => ['norms', 'bias-all', 'tokens-tied'].includes(name));
