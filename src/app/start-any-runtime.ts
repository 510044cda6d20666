// Starts a runtime of any kind: in a worker of its own, or in the page where the browser offers its model to pages only.

import type { PayableError } from '#lib/core/errors.ts';
import type { RuntimeKind } from '#lib/engine/runtimes.ts';
import { startRuntime, type RuntimeClient } from '#lib/engine/shell/client.ts';
import { createPromptApiRuntime, type LanguageModelApi } from '#lib/engine/shell/prompt-api.ts';

export function startAnyRuntime(kind: RuntimeKind, onGone: (error: PayableError) => void): RuntimeClient {
  if (kind !== 'prompt-api') return startRuntime(kind, onGone);
  const runtime = createPromptApiRuntime({ model: builtInModel(), now: () => performance.now() });
  return { kind, runtime, close: () => void runtime.dispose() };
}

/** The browser's own model; undefined where it has none. */
export const builtInModel = (): LanguageModelApi | undefined =>
  (globalThis as { LanguageModel?: LanguageModelApi }).LanguageModel;
