// Checks a request for a runtime that does less than the product's own engine: what it lacks is refused by name, never ignored.

import type { GenerateRequest, SamplingSettings } from './engine.ts';
import { MissingCapabilityError, UnsupportedSettingError } from './errors.ts';
import { checkMaxTokens, checkSampling, DEFAULTS } from './requests.ts';
import { can, type RuntimeKind } from './runtimes.ts';

/** Returns the settings, complete. `honoured` are those that the runtime follows or that its page says it does not. */
export function checkPlainRequest(
  request: GenerateRequest,
  kind: RuntimeKind,
  honoured: readonly (keyof SamplingSettings)[],
): Required<SamplingSettings> {
  if ((request.adapters ?? []).length > 0 && !can(kind, 'adapters')) throw new MissingCapabilityError(kind, 'adapters');
  if ((request.logprobs || request.topLogprobs) && !can(kind, 'logits'))
    throw new MissingCapabilityError(kind, 'logits');
  checkMaxTokens(request.maxTokens);
  const sampling = checkSampling(request.sampling);
  for (const key of Object.keys(sampling) as (keyof SamplingSettings)[]) {
    if (sampling[key] !== DEFAULTS[key] && !honoured.includes(key)) throw new UnsupportedSettingError(kind, key);
  }
  return sampling;
}
