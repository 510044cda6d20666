// The prompt of a request as the model reads it: its ids, ended with the invocations of its adapters where the request wants that.

import type { TextModel } from '#lib/model/text.ts';
import type { Adapters } from './adapters.ts';
import type { GenerateRequest } from './engine.ts';
import { lastOccurrence, withInvocation } from './invocations.ts';

export interface InvokedPrompt {
  ids: readonly number[];
  /** Null for a prompt of ids. */
  text: string | null;
  /** Adapters that are not applied, as their invocation is not in the prompt. */
  notInvoked: string[];
}

export function readInvokedPrompt(
  text: TextModel,
  adapters: Pick<Adapters, 'invocationOf'>,
  { prompt, adapters: uses = [], invoke = false }: GenerateRequest,
): InvokedPrompt {
  const read = text.readPrompt(prompt);
  const invoked = uses.flatMap(({ id }) => {
    const invocation = adapters.invocationOf(id);
    return invocation ? [{ id, invocation }] : [];
  });
  if (invoked.length === 0) return { ...read, notInvoked: [] };
  let ids: readonly number[] = read.ids;
  if (invoke) {
    let body = ids.length;
    if ('messages' in prompt && !prompt.continueFinalMessage) {
      const without = text.readPrompt({ ...prompt, addGenerationPrompt: false }).ids;
      const differs = ids.findIndex((id, i) => id !== without[i]);
      if (differs >= 0) body = differs;
    }
    for (const { invocation } of invoked) {
      ids = withInvocation(ids, invocation, body);
      // The next adapter's comes behind it.
      body = ids.length;
    }
  }
  const isChanged = ids.length !== read.ids.length || ids.some((id, i) => id !== read.ids[i]);
  return {
    ids,
    text: isChanged && read.text !== null ? text.decode(ids, { special: true }) : read.text,
    notInvoked: invoked.flatMap(({ id, invocation }) => (lastOccurrence(ids, invocation) === null ? [id] : [])),
  };
}
