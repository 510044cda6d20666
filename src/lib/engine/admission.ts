// Who may run now: gives a sequence its slot, its cache blocks (reusing a known prefix) and its adapters, and takes them back.
// All a sequence can ever need is reserved when it enters, so a running sequence never waits and is never evicted.

import type { Device } from '#lib/webgpu/device.ts';
import { IN_PROMPT } from '#lib/webgpu/kernels/sample/sample.ts';
import type { ConstraintLists } from '#lib/webgpu/kernels/constrain/constrain.ts';
import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { Adapters, ResidentAdapter } from './adapters.ts';
import { RequestError } from './errors.ts';
import { createKvBlocks, type KvBlocks } from './kv-blocks.ts';
import { createPromptAngles } from './prompt-angles.ts';
import { cacheRootOf, checkBlend, type Sequence } from './requests.ts';
import { blocksFor, type StepWriter } from './step-writer.ts';

export interface Admission {
  readonly blocks: KvBlocks;
  /** False when there is no room yet. Throws when there never will be. */
  enter(sequence: Sequence): Promise<boolean>;
  /** Gives everything back; what was computed stays in the cache for others. */
  leave(sequence: Sequence): void;
}

export interface AdmissionOptions {
  device: Device;
  transformer: Transformer;
  sizes: DecoderSizes;
  vocab: number;
  adapters: Adapters;
  writer: StepWriter;
  lists: ConstraintLists;
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { device, transformer, sizes, vocab, adapters, writer, lists } = options;
  const promptAngles = createPromptAngles(transformer.angles);
  const blocks = createKvBlocks(sizes.kvBlocks, BLOCK_TOKENS);
  const slots = Array.from({ length: sizes.maxSequences }, (_, i) => sizes.maxSequences - 1 - i);
  let entered = 0;

  const holdAll = async (sequence: Sequence): Promise<ResidentAdapter[] | null> => {
    const held: ResidentAdapter[] = [];
    const letGo = () => {
      for (const { id } of held) adapters.release(id);
    };
    try {
      for (const { id } of sequence.request.adapters) {
        const resident = await adapters.hold(id);
        if (!resident) {
          letGo();
          if (entered > 0) return null;
          throw new RequestError(
            'The adapters of this request do not fit into the adapter pool together.',
            'Blend fewer adapters, unpin others, or load the model with a larger adapter pool.',
          );
        }
        held.push(resident);
      }
      checkBlend(sequence.request.adapters, held);
      return held;
    } catch (error) {
      letGo();
      throw error;
    }
  };

  return {
    blocks,
    async enter(sequence) {
      const { ids, promptTokens, adapters: uses, maxTokens, sampling, topCount, reusePrefix } = sequence.request;
      const { constraint } = sequence.request;
      const constraints = constraint && (await transformer.constraints(lists));
      const total = blocksFor(Math.min(ids.length + maxTokens, sizes.contextLength));
      if (total > blocks.total) {
        throw new RequestError(
          `The request may need ${total * BLOCK_TOKENS} tokens of cache, the model was loaded with ${blocks.total * BLOCK_TOKENS}.`,
          'Ask for fewer tokens or shorten the prompt.',
        );
      }
      if (slots.length === 0) return false;
      const cacheRoot = promptAngles.keyOf(promptTokens) + cacheRootOf(uses);
      // The last prompt token is always computed: its logits are the first thing sampled.
      const reusable = reusePrefix ? Math.floor((ids.length - 1) / BLOCK_TOKENS) : 0;
      const shared = blocks.match(cacheRoot, ids, reusable);
      const own = blocks.take(total - shared.length);
      const held = own ? await holdAll(sequence).catch((error: unknown) => ({ error })) : null;
      const anglesAt = held && !('error' in held) ? promptAngles.take(promptTokens) : null;
      if (!own || !held || 'error' in held || anglesAt === null) {
        if (held && !('error' in held)) for (const { id } of held) adapters.release(id);
        blocks.release([...shared, ...(own ?? [])]);
        if (held && 'error' in held) throw held.error;
        return false;
      }
      const slot = slots.pop()!;
      const penalised = sampling.repetitionPenalty !== 1 || sampling.presencePenalty || sampling.frequencyPenalty;
      if (penalised) {
        const counts = new Uint32Array(vocab);
        for (const id of ids.slice(0, promptTokens)) counts[id] = IN_PROMPT;
        for (const id of ids.slice(promptTokens)) counts[id]!++;
        device.write(transformer.counts, slot * vocab * 4, counts);
      }
      if (constraint) constraints!.begin(slot, ids, constraint);
      const all = [...shared, ...own];
      writer.slot({
        slot,
        sampling,
        isConstrained: constraint !== null,
        topCount,
        blocks: all,
        blend: held.map(({ descriptor }, i) => ({ descriptor, weight: uses[i]!.weight })),
      });
      entered++;
      sequence.running = {
        slot,
        blocks: all,
        computed: shared.length * BLOCK_TOKENS,
        sampled: 0,
        stepsInFlight: 0,
        held,
        rankWidth: held.reduce((sum, { rankWidth }) => sum + rankWidth, 0),
        head: uses[0]?.weight === 0 ? null : (held[0]?.head ?? null),
        tables: held.flatMap(({ tables }, i) => (tables && uses[i]!.weight !== 0 ? [tables] : [])),
        isConstrained: constraint !== null,
        anglesAt,
        cacheRoot,
      };
      return true;
    },
    leave(sequence) {
      const running = sequence.running!;
      sequence.running = null;
      entered--;
      // The last token was sampled but perhaps never run, so its key and value may be missing.
      const known = sequence.tokens.slice(0, Math.min(sequence.tokens.length - 1, running.computed));
      if (sequence.request.reusePrefix) blocks.publish(running.cacheRoot, known, running.blocks);
      blocks.release(running.blocks);
      slots.push(running.slot);
      promptAngles.release(sequence.request.promptTokens);
      for (const { id } of running.held) adapters.release(id);
    },
  };
}
