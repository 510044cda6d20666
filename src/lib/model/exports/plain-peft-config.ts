// adapter_config.json as PEFT writes it for a plain adapter. A writer of an adapter sets its own fields over these.

import type { JsonObject } from '#lib/formats/json/json-file.ts';

/** The version of PEFT whose format this is. */
const PEFT_VERSION = '0.21.0';

export const plainPeftConfig = (isTransposed: boolean, kind: 'lora' | 'rslora' | 'dora'): JsonObject => ({
  auto_mapping: null,
  bias: 'none',
  exclude_modules: null,
  fan_in_fan_out: isTransposed,
  inference_mode: true,
  init_lora_weights: true,
  layers_pattern: null,
  layers_to_transform: null,
  lora_dropout: 0,
  modules_to_save: null,
  peft_type: 'LORA',
  peft_version: PEFT_VERSION,
  revision: null,
  task_type: 'CAUSAL_LM',
  use_dora: kind === 'dora',
  use_rslora: kind === 'rslora',
  rank_pattern: {},
  alpha_pattern: {},
});
