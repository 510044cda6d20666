// The sampler with a sort: the same set of kept tokens and the same draw, the plain way.

import type { Memory } from '../../kernel.ts';
import { BANNED, FORCED } from '../constrain/constraint-words.ts';
import { FROM_SLOT, HEADER, ROW, SLOT } from '../../step-state.ts';
import { slotOf } from '../shared/adapter.ts';
import { RESULT } from './sample-result.ts';
import type { SampleParams } from './sample.ts';

type Bindings = Record<'logits' | 'counts' | 'state' | 'results', Memory> & { bias?: Memory };

export function sampleReference({ logits, counts, state, results, bias }: Bindings, params: SampleParams): void {
  const { vocab } = params;
  for (let out = 0; out < state.u32[HEADER.outputs]!; out++) {
    const row = state.u32[params.outputsAt + out]!;
    const slotIndex = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
    const slot = slotOf(state, params, row);
    const setting = (word: number) => state.f32[slot + word]!;
    const raw = Float64Array.from({ length: vocab }, (_, i) => {
      const v = logits.f32[out * vocab + i]! * params.logitScale;
      return params.softcap > 0 ? params.softcap * Math.tanh(v / params.softcap) : v;
    });
    const penalised = setting(SLOT.repetition) !== 1 || setting(SLOT.presence) !== 0 || setting(SLOT.frequency) !== 0;
    const constrained = bias !== undefined && state.u32[slot + SLOT.constrained] === 1;
    const allowed = constrained ? raw.map((v, i) => biased(v, bias.f32[out * vocab + i]!)) : raw;
    const values = penalised
      ? allowed.map((v, i) => {
          if (v === BANNED) return v;
          const seen = counts.u32[slotIndex * vocab + i]!;
          const generated = seen & 0x7fff_ffff;
          const repeated = seen === 0 ? v : v > 0 ? v / setting(SLOT.repetition) : v * setting(SLOT.repetition);
          return generated === 0 ? repeated : repeated - setting(SLOT.presence) - setting(SLOT.frequency) * generated;
        })
      : allowed;

    let position = state.u32[params.rowsAt + row * ROW.words + ROW.position]!;
    if (position === FROM_SLOT) position = state.u32[slot + SLOT.position]!;
    const chosen = choose(values, {
      temperature: setting(SLOT.temperature),
      topK: state.u32[slot + SLOT.topK]!,
      topP: setting(SLOT.topP),
      minP: setting(SLOT.minP),
      draw: draw(state.u32[slot + SLOT.seed]!, position),
    });

    const greatest = raw.reduce((a, b) => Math.max(a, b), -Infinity);
    const logTotal = greatest + Math.log(raw.reduce((sum, v) => sum + Math.exp(v - greatest), 0));
    if (state.u32[HEADER.drafts] === 0) {
      state.u32[slot + SLOT.token] = chosen;
      state.u32[slot + SLOT.position] = position + 1;
    }
    if (penalised) counts.u32[slotIndex * vocab + chosen]!++;
    const at = out * RESULT.words;
    results.u32[at + RESULT.token] = chosen;
    results.f32[at + RESULT.logprob] = raw[chosen]! - logTotal;
    results.u32[at + RESULT.slot] = slotIndex;
    results.u32[at + RESULT.broken] = raw.filter((v) => !Number.isFinite(v)).length;
    const likely = Array.from(raw.keys()).sort((a, b) => raw[b]! - raw[a]! || a - b);
    likely.slice(0, state.u32[slot + SLOT.topCount]).forEach((id, n) => {
      results.u32[at + RESULT.top + 2 * n] = id;
      results.f32[at + RESULT.top + 2 * n + 1] = raw[id]! - logTotal;
    });
  }
}

/** A logit with what the constraints say of its token. */
const biased = (v: number, bias: number): number => (bias <= BANNED / 2 ? BANNED : bias >= FORCED / 2 ? 0 : v + bias);

interface Choice {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  draw: number;
}

function choose(values: Float64Array, { temperature, topK, topP, minP, draw: drawn }: Choice): number {
  const best = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (best === BANNED) return 0;
  if (temperature === 0) return values.indexOf(best);
  const mass = values.map((v) => Math.exp((v - best) / temperature));
  const descending = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);
  let threshold = -Infinity;
  if (topK > 0 && topK < values.length) threshold = values[descending[topK - 1]!]!;
  if (topP < 1) {
    const kept = descending.filter((i) => values[i]! >= threshold);
    const wanted = topP * kept.reduce((sum, i) => sum + mass[i]!, 0);
    let sum = 0;
    const last = kept.find((i) => (sum += mass[i]!) >= wanted) ?? kept[kept.length - 1]!;
    threshold = Math.max(threshold, values[last]!);
  }
  if (minP > 0) threshold = Math.max(threshold, best + temperature * Math.log(minP));
  const kept = Array.from(values.keys()).filter(
    (i) => values[i]! > BANNED && (values[i]! >= threshold || values[i] === best),
  );
  const wanted = drawn * kept.reduce((sum, i) => sum + mass[i]!, 0);
  let sum = 0;
  return kept.find((i) => (sum += mass[i]!) > wanted) ?? kept[kept.length - 1]!;
}

/** Uniform in [0, 1): two rounds of the murmur3 finaliser over seed and position. */
function draw(seed: number, position: number): number {
  let h = (Math.imul(seed, 0x9e37_79b9) + position) >>> 0;
  for (let i = 0; i < 2; i++) {
    h ^= h >>> 16;
    h = Math.imul(h, 0x85eb_ca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2_ae35);
    h ^= h >>> 16;
    h = (h + position) | 0;
  }
  return (h >>> 8) / 16_777_216;
}
