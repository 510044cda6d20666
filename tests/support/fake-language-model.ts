// What the Prompt API's IDL promises, over a list of words: availability, create with a monitor, streaming, abort and destroy. No
// browser that runs tests has the real one.

import type { LanguageModelApi, LanguageModelSession } from '#lib/engine/shell/prompt-api.ts';

export interface FakeLanguageModel extends LanguageModelApi {
  /** Sessions that were made and not destroyed. */
  live: number;
  /** What each prompt began with, and the prompt. */
  asked: unknown[];
}

const abortError = () => new DOMException('The operation was aborted.', 'AbortError');

export function createFakeLanguageModel(
  words: readonly string[],
  availability = 'available' as const,
): FakeLanguageModel {
  const fake: FakeLanguageModel = {
    live: 0,
    asked: [],
    availability: () => Promise.resolve(availability),
    async create({ initialPrompts = [], signal, monitor }) {
      if (signal?.aborted) throw abortError();
      const target = new EventTarget();
      monitor?.(target);
      target.dispatchEvent(Object.assign(new Event('downloadprogress'), { loaded: 0.5, total: 1 }));
      fake.live++;
      let isDestroyed = false;
      const session: LanguageModelSession = {
        contextWindow: 6144,
        contextUsage: 9,
        promptStreaming(input, options) {
          if (isDestroyed) throw new DOMException('The session is destroyed.', 'InvalidStateError');
          fake.asked.push([...initialPrompts, input].flat());
          let at = 0;
          return new ReadableStream<string>({
            pull(controller) {
              if (options.signal.aborted) return controller.error(abortError());
              if (at === words.length) return controller.close();
              controller.enqueue(words[at++]!);
            },
          });
        },
        destroy() {
          if (!isDestroyed) fake.live--;
          isDestroyed = true;
        },
      };
      return session;
    },
  };
  return fake;
}
