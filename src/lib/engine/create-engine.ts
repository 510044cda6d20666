// The one constructor of an engine: puts the public surface on the model keeper and what runs on its session.

import { AbortedError } from '#lib/core/errors.ts';
import { createEventQueue } from '#lib/core/event-queue.ts';
import { allLogits } from './all-logits.ts';
import type { Engine, EngineStats, LoadEvent } from './engine.ts';
import { generate } from './generate.ts';
import type { Host } from './host.ts';
import { createModelKeeper } from './model-keeper.ts';
import type { Session } from './session.ts';
import { createTraining } from './training/create-training.ts';

/**
 * @example
 * import { createEngine } from '#lib/engine/create-engine.ts';
 *
 * const engine = createEngine(host);
 * for await (const event of engine.load({ model: { kind: 'url', url: '/models/nano/base' }, dtype: 'f16' })) show(event);
 * for await (const event of engine.generate({ prompt: { text: 'Hello' }, maxTokens: 32 })) show(event);
 */
export function createEngine(host: Host): Engine {
  const keeper = createModelKeeper(host);
  const training = createTraining({
    current: () => keeper.current(),
    openFolder: (ref) => host.openFolder(ref),
    now: () => host.now(),
  });
  return {
    async *load(request, signal) {
      const stop = new AbortController();
      const queue = createEventQueue<LoadEvent>({ onReturn: () => stop.abort() });
      const onAbort = () => stop.abort(signal?.reason);
      if (signal?.aborted) throw new AbortedError(signal.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      keeper
        .load(request, (event) => queue.push(event), stop.signal)
        .then(({ info, finished }) => {
          queue.push({ type: 'ready', model: info });
          return finished;
        })
        .then(
          () => queue.end(),
          (error: unknown) => queue.fail(error),
        );
      try {
        yield* queue;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async *generate(request, signal) {
      yield* generate(await keeper.current(), request, { now: () => host.now(), after: keeper.after, signal });
    },
    logits: (ids, adapters = []) => keeper.withSession((session) => allLogits(session, ids, adapters)),
    loadAdapter: (ref) => keeper.loadAdapter(ref),
    unloadAdapter: (id) => keeper.unloadAdapter(id),
    listAdapters: async () => (await keeper.current()).adapters.list(),
    pinAdapter: (id, pinned) => keeper.pinAdapter(id, pinned),
    stats: async () => statsOf(await keeper.current()),
    ...training,
    dispose: () => Promise.resolve(keeper.dispose()),
  };
}

function statsOf({ device, weights, transformer, admission, adapters, scheduler }: Session): EngineStats {
  const { stats } = scheduler;
  const { counters } = device;
  const { kvBytes, poolBytes } = transformer;
  return {
    steps: { prefill: stats.prefillSteps, decode: stats.decodeSteps },
    dispatchesPerStep: stats.dispatchesPerStep,
    bindGroupsCreated: counters.bindGroups,
    bufferWrites: counters.writes,
    gpuBytes: {
      weights: weights.bytes,
      kv: kvBytes,
      adapters: poolBytes,
      other: counters.bufferBytes - weights.bytes - kvBytes - poolBytes,
    },
    usedBytes: { kv: (kvBytes / admission.blocks.total) * admission.blocks.filled, adapters: adapters.usedBytes },
    kvBlocks: { total: admission.blocks.total, free: admission.blocks.available, cached: admission.blocks.cached },
    adapters: { registered: adapters.registered, resident: adapters.resident, evictions: adapters.evictions },
    milliseconds: { prefill: stats.prefillMs, decode: stats.decodeMs, adapterUpload: adapters.uploadMs },
    tokens: {
      prompt: stats.promptTokens,
      cached: stats.cachedTokens,
      generated: stats.generatedTokens,
      proposed: stats.proposedTokens,
      accepted: stats.acceptedTokens,
    },
  };
}
