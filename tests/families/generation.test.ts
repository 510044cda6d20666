// Every field of generation_config.json that is computed, against transformers; every other one by name. Plain TypeScript kernels.

import { generationCases } from '../support/generation-cases.ts';

generationCases(null);
