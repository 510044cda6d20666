// A request and its answer in the words of llama.cpp's server, which wllama carries. It knows these words only.

import type { RawCompletionChunk } from '@wllama/wllama';
import type { AnswerPiece } from '../answer-stream.ts';
import type { GenerateRequest, SamplingSettings } from '../engine.ts';

/** Settings that llama.cpp follows as the product's own engine does, in the same order. */
export const HONOURED: readonly (keyof SamplingSettings)[] = [
  'temperature',
  'topK',
  'topP',
  'minP',
  'repetitionPenalty',
  'seed',
];

/** An adapter by llama.cpp's number. */
export interface ScaledAdapter {
  id: number;
  scale: number;
}

export const completionRequest = (
  { maxTokens, reusePrefix = true }: GenerateRequest,
  { temperature, topK, topP, minP, repetitionPenalty, seed }: Required<SamplingSettings>,
  prompt: string,
  { contextLength, lora }: { contextLength: number; lora: readonly ScaledAdapter[] },
) => ({
  prompt,
  stream: true as const,
  max_tokens: maxTokens,
  temperature,
  top_k: topK,
  top_p: topP,
  min_p: minP,
  repeat_penalty: repetitionPenalty,
  // The whole context, prompt included.
  repeat_last_n: contextLength,
  seed,
  samplers: ['penalties', 'temperature', 'top_k', 'top_p', 'min_p'],
  cache_prompt: reusePrefix,
  timings_per_token: true,
  ...(lora.length > 0 && { lora }),
});

export function readChunk({ choices, timings }: RawCompletionChunk): AnswerPiece {
  const [choice] = choices;
  const finish = choice?.finish_reason;
  return {
    text: choice?.text ?? '',
    promptTokens: (timings?.prompt_n ?? 0) + (timings?.cache_n ?? 0),
    cachedTokens: timings?.cache_n ?? 0,
    newTokens: timings?.predicted_n ?? 0,
    ...(finish && { finish: finish === 'length' ? 'length' : 'stop' }),
  };
}
