// Adapters that begin at an invocation, on the GPU.

import { testGpu } from '../support/gpu.ts';
import { invokedCases } from '../support/invoked-cases.ts';

invokedCases(testGpu(), ({ name }) => ['twice: the last counts', 'at the beginning', 'of one token'].includes(name));
