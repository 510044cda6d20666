// Writes the step state on the GPU: rows and outputs of the next step, a sequence's slot when it is admitted.
// It skips what is there already, so that steady decoding writes nothing.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { BLOCK_TOKENS, FROM_SLOT, HEADER, MAX_BLEND, ROW, SLOT, type StepLayout } from '#lib/webgpu/step-state.ts';
import type { Sampling } from './requests.ts';

export interface StepRow {
  slot: number;
  /** Null: the token and position the sampler left in the slot. */
  explicit: { token: number; position: number; angles?: number } | null;
}

export interface SlotStart {
  slot: number;
  sampling: Sampling;
  isConstrained: boolean;
  topCount: number;
  blocks: readonly number[];
  blend: readonly { descriptor: number; weight: number }[];
}

export interface StepWriter {
  /** `hasDrafts`: some rows run proposed tokens. */
  rows(rows: readonly StepRow[], outputs: readonly number[], rankWidth: number, hasDrafts?: boolean): void;
  slot(start: SlotStart): void;
  /** Other adapters from here on. */
  blend(slot: number, blend: SlotStart['blend']): void;
}

export function createStepWriter(device: Device, state: DeviceBuffer, layout: StepLayout): StepWriter {
  let last = new Uint32Array();
  const slotAt = (slot: number) => layout.slots + slot * SLOT.words;
  return {
    rows(rows, outputs, rankWidth, hasDrafts = false) {
      const words = new Uint32Array(layout.outputs + outputs.length);
      words[HEADER.rows] = rows.length;
      words[HEADER.rankWidth] = rankWidth;
      words[HEADER.outputs] = outputs.length;
      words[HEADER.drafts] = +hasDrafts;
      rows.forEach(({ slot, explicit }, i) => {
        const at = layout.rows + i * ROW.words;
        words[at + ROW.token] = explicit?.token ?? FROM_SLOT;
        words[at + ROW.position] = explicit?.position ?? FROM_SLOT;
        words[at + ROW.slot] = slot;
        words[at + ROW.angles] = explicit?.angles ?? 0;
      });
      words.set(outputs, layout.outputs);
      if (words.length === last.length && words.every((word, i) => word === last[i])) return;
      last = words;
      device.write(state, 0, words);
    },
    slot({ slot, sampling, isConstrained, topCount, blocks, blend }) {
      const words = new Uint32Array(SLOT.words);
      const floats = new Float32Array(words.buffer);
      floats[SLOT.temperature] = sampling.temperature;
      words[SLOT.topK] = sampling.topK;
      floats[SLOT.topP] = sampling.topP;
      floats[SLOT.minP] = sampling.minP;
      floats[SLOT.repetition] = sampling.repetitionPenalty;
      floats[SLOT.presence] = sampling.presencePenalty;
      floats[SLOT.frequency] = sampling.frequencyPenalty;
      words[SLOT.seed] = sampling.seed;
      words[SLOT.topCount] = topCount;
      words[SLOT.constrained] = +isConstrained;
      words.set(blendWords(blend), SLOT.blendCount);
      device.write(state, slotAt(slot) * 4, words);
      device.write(state, (layout.blocks + slot * layout.maxBlocks) * 4, Uint32Array.from(blocks));
    },
    blend: (slot, blend) => device.write(state, (slotAt(slot) + SLOT.blendCount) * 4, blendWords(blend)),
  };
}

/** The end of a slot. */
function blendWords(blend: SlotStart['blend']): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(SLOT.words - SLOT.blendCount);
  const floats = new Float32Array(words.buffer);
  words[0] = blend.length;
  blend.slice(0, MAX_BLEND).forEach(({ descriptor, weight }, i) => {
    words[SLOT.blend - SLOT.blendCount + 2 * i] = descriptor;
    floats[SLOT.blend - SLOT.blendCount + 2 * i + 1] = weight;
  });
  return words;
}

/** Blocks that hold this many tokens. */
export const blocksFor = (tokens: number): number => Math.ceil(tokens / BLOCK_TOKENS);
