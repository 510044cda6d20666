// The supported families, by `model_type`. To add one, write a file beside this one and add a line here.

import type { Family } from './family.ts';
import { gemma } from './gemma.ts';
import { gemma2 } from './gemma2.ts';
import { gemma3 } from './gemma3.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { phi3 } from './phi3.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

const FAMILIES: readonly Family[] = [llama, mistral, qwen2, qwen3, gemma, gemma2, gemma3, phi3];

const byModelType = new Map(FAMILIES.flatMap((family) => family.modelTypes.map((type) => [type, family] as const)));

export const familyOf = (modelType: string): Family | undefined => byModelType.get(modelType);

export const supportedModelTypes = (): string[] => [...byModelType.keys()];
