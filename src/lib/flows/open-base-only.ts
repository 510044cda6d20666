// Opens a model on a runtime that has no adapters and keeps its own files.

import type { LoadEvent, Runtime, RuntimeModel } from '#lib/engine/engine.ts';

export interface OpenBaseOnlyContext<Request> {
  runtime: Pick<Runtime<Request>, 'load'>;
}

export type OpenBaseOnlyEvent =
  | Extract<LoadEvent, { type: 'progress' }>
  | { type: 'model'; model: RuntimeModel }
  | { type: 'opened'; keptHere: boolean };

/**
 * @example
 * import { openBaseOnly } from '#lib/flows/open-base-only.ts';
 *
 * for await (const event of openBaseOnly({ runtime: builtIn }, {}, { signal })) {
 *   if (event.type === 'progress') show(`${event.loadedBytes} of ${event.totalBytes} bytes`);
 *   if (event.type === 'model') show(`${event.model.name} is ready`);
 * }
 */
export async function* openBaseOnly<Request>(
  { runtime }: OpenBaseOnlyContext<Request>,
  request: Request,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<OpenBaseOnlyEvent, void, void> {
  for await (const event of runtime.load(request, signal))
    yield event.type === 'ready' ? { type: 'model', model: event.model } : event;
  yield { type: 'opened', keptHere: true };
}
