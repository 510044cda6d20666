// An engine that computes nothing: it plays a script and records its calls. For tests of flows and states only.

import { PayableError } from '#lib/core/errors.ts';
import type { AdapterInfo, Engine, GenerateEvent, GenerateRequest, LoadEvent, ModelInfo } from '#lib/engine/engine.ts';

export const FAKE_MODEL: ModelInfo = {
  id: 'a'.repeat(64),
  name: 'fake',
  family: 'llama',
  parameters: 1,
  layers: 1,
  vocab: 1,
  contextLength: 64,
  dtype: 'f32',
  weightBytes: 1,
  device: { vendor: '', architecture: '', description: '', kind: 'reference', features: [] },
  hasChatTemplate: true,
};

export interface FakeEngine extends Engine {
  requests: GenerateRequest[];
  adaptersAsked: string[];
}

export interface FakeScript {
  tokens?: string[];
  /** The prompt that the model is reported to have read. */
  prompt?: string;
  /** Thrown after the tokens. */
  failure?: Error;
  refuseAdapter?: string;
  /** Thrown by a load after the model is ready. */
  lateFailure?: Error;
}

const unused = () => Promise.reject(new Error('The fake engine does not do this.'));

export function createFakeEngine(script: FakeScript = {}): FakeEngine {
  const { tokens = [], failure, refuseAdapter, prompt = '<user>Hello?', lateFailure } = script;
  const requests: GenerateRequest[] = [];
  const adaptersAsked: string[] = [];
  return {
    requests,
    adaptersAsked,
    async *load(): AsyncGenerator<LoadEvent> {
      yield { type: 'progress', phase: 'weights', loadedBytes: 1, totalBytes: 1 };
      yield { type: 'ready', model: FAKE_MODEL };
      if (lateFailure) throw lateFailure;
    },
    async *generate(request, signal): AsyncGenerator<GenerateEvent> {
      requests.push(request);
      yield { type: 'start', promptTokens: 5, cachedTokens: 2, prompt };
      let text = '';
      for (const [id, token] of tokens.entries()) {
        if (signal?.aborted) break;
        text += token;
        yield { type: 'token', id, text: token };
      }
      if (failure) throw failure;
      const speculation = { proposedTokens: 0, acceptedTokens: 0 };
      const times = { firstTokenMs: 1, decodeMs: 1 };
      const timings = { promptTokens: 5, cachedTokens: 2, newTokens: tokens.length, ...times, ...speculation };
      yield { type: 'done', finish: signal?.aborted ? 'cancelled' : 'stop', ids: [], text, timings };
    },
    async loadAdapter(folder) {
      const name = folder.kind === 'files' ? folder.name : folder.kind === 'url' ? folder.url : folder.path;
      adaptersAsked.push(name);
      if (refuseAdapter !== undefined && name.endsWith(refuseAdapter)) {
        throw new PayableError('format/adapter-mismatch', 'It does not fit.');
      }
      const info: AdapterInfo = {
        id: name,
        name,
        kind: 'lora',
        rank: 1,
        targets: [],
        bytes: 1,
        tier: 'gpu',
        pinned: false,
      };
      return info;
    },
    logits: unused,
    unloadAdapter: unused,
    listAdapters: unused,
    pinAdapter: unused,
    stats: unused,
    openTraining: unused,
    trainStep: unused,
    scoreExamples: unused,
    saveTraining: unused,
    restoreTraining: unused,
    trainedAdapters: unused,
    closeTraining: unused,
    dispose: unused,
  };
}
