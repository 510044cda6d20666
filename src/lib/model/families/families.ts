// The supported families, by `model_type`. To add one, write a file beside this one and add a line here.

import type { Family } from './family.ts';
import { bloom } from './bloom.ts';
import { chatglm } from './chatglm.ts';
import { deepseekV2, deepseekV3 } from './deepseek.ts';
import { falcon } from './falcon.ts';
import { gemma } from './gemma.ts';
import { gemma2 } from './gemma2.ts';
import { gemma3 } from './gemma3.ts';
import { gemma4 } from './gemma4.ts';
import { glm } from './glm.ts';
import { glm4 } from './glm4.ts';
import { gpt2 } from './gpt2.ts';
import { gptNeo } from './gpt-neo.ts';
import { gptNeox } from './gpt-neox.ts';
import { granite } from './granite.ts';
import { lfm2 } from './lfm2.ts';
import { llama } from './llama.ts';
import { ministral3 } from './ministral3.ts';
import { mistral } from './mistral.ts';
import { olmo2 } from './olmo2.ts';
import { phi } from './phi.ts';
import { phi3 } from './phi3.ts';
import { qwen2 } from './qwen2.ts';
import { qwen2Moe } from './qwen2-moe.ts';
import { qwen3 } from './qwen3.ts';
import { qwen3Moe } from './qwen3-moe.ts';
import { smollm3 } from './smollm3.ts';

const FAMILIES: readonly Family[] = [
  llama,
  mistral,
  ministral3,
  qwen2,
  qwen3,
  qwen2Moe,
  qwen3Moe,
  deepseekV2,
  deepseekV3,
  gemma,
  gemma2,
  gemma3,
  gemma4,
  phi,
  phi3,
  olmo2,
  granite,
  smollm3,
  lfm2,
  glm,
  glm4,
  chatglm,
  gpt2,
  gptNeo,
  gptNeox,
  bloom,
  falcon,
];

const byModelType = new Map(FAMILIES.flatMap((family) => family.modelTypes.map((type) => [type, family] as const)));

export const familyOf = (modelType: string): Family | undefined => byModelType.get(modelType);

export const supportedModelTypes = (): string[] => [...byModelType.keys()];
