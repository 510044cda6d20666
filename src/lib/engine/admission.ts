// Whether a sequence may run now, answered without waiting: its slot, its cache blocks (reusing a known prefix), its adapters.
// All a sequence can ever need is reserved when it enters, so a running sequence never waits and is never evicted.
// What it needs besides room (adapters, the kernels of constraints) is loaded beside the decode loop; then the question is put again.

import type { Device } from '#lib/webgpu/device.ts';
import { IN_PROMPT } from '#lib/webgpu/kernels/sample/sample.ts';
import type { ConstraintLists } from '#lib/webgpu/kernels/constrain/constrain.ts';
import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { ConstraintStages } from '#lib/model/decoder/constraint-stages.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { AdapterClaim } from './adapter-claims.ts';
import type { ResidentAdapter } from './adapter-residency.ts';
import type { Adapters } from './adapters.ts';
import { RequestError } from './errors.ts';
import { createKvBlocks, type KvBlocks } from './kv-blocks.ts';
import type { KeptPrefixes } from './kept-prefixes.ts';
import { createPromptAngles } from './prompt-angles.ts';
import { lastOccurrence } from './invocations.ts';
import { blockRoots, phaseAt, phasesOf, type PlacedUse } from './phases.ts';
import { checkBlend, type Sequence, type SequenceRequest } from './requests.ts';
import { blocksFor, type StepWriter } from './step-writer.ts';

/**
 * `waiting`: something that it needs is being loaded. `no room`: running sequences have the slots or the cache. `no pages`: running
 * adapters have the adapter pool.
 */
export type Answer = 'admitted' | 'waiting' | 'no room' | 'no pages';

export interface Admission {
  readonly blocks: KvBlocks;
  /**
   * Begins what the sequence waits for; with `mayPlace` false, only where it has its pages already. Throws when it will never
   * be admitted.
   */
  ask(sequence: Sequence, mayPlace: boolean): Answer;
  /** The sequence asks no more. Loads that no other sequence waits for are stopped. */
  withdraw(sequence: Sequence): void;
  /** An admitted sequence gives everything back; what was computed stays in the cache for others. */
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
  /** Null where nothing outlives the session. */
  kept: KeptPrefixes | null;
  /** A sequence that was not admitted may have another answer now. */
  onChange(): void;
}

interface Wish {
  claim: AdapterClaim;
  placed: readonly PlacedUse[];
  failure: { error: unknown } | null;
  /** Kept blocks of its beginning, from block `from` on; null until it is known what is kept. */
  restored: { from: number; payloads: Uint8Array<ArrayBuffer>[] } | null;
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { device, transformer, sizes, vocab, adapters, writer, lists, kept, onChange } = options;
  const promptAngles = createPromptAngles(transformer.angles);
  const blocks = createKvBlocks(sizes.kvBlocks, BLOCK_TOKENS);
  const slots = Array.from({ length: sizes.maxSequences }, (_, i) => sizes.maxSequences - 1 - i);
  /** Of sequences that asked and were not admitted yet. */
  const wishes = new Map<Sequence, Wish>();
  let constraints: ConstraintStages | null = null;
  let isCompiling = false;

  /** An invocation in the answer counts for nothing, as in PEFT. */
  const place = ({ ids, promptTokens, adapters: uses }: SequenceRequest): PlacedUse[] =>
    uses.map((use) => {
      const invocation = adapters.invocationOf(use.id);
      return { ...use, from: invocation ? lastOccurrence(ids.slice(0, promptTokens), invocation) : 0 };
    });
  const rootsOf = ({ promptTokens }: SequenceRequest, placed: readonly PlacedUse[]) =>
    blockRoots(placed, promptAngles.keyOf(promptTokens));
  /** The last prompt token is always computed: its logits are the first thing sampled. */
  const reusable = ({ ids, reusePrefix }: SequenceRequest) =>
    reusePrefix ? Math.floor((ids.length - 1) / BLOCK_TOKENS) : 0;
  /** Looks for what the GPU has no block of. */
  const restore = (request: SequenceRequest, wish: Wish) => {
    const [roots, end] = [rootsOf(request, wish.placed), reusable(request)];
    const from = blocks.count(roots, request.ids, end);
    wish.restored = { from, payloads: [] };
    if (!kept || !request.keeps || from === end) return;
    wish.restored = null;
    kept
      .read(roots, request.ids, from, end)
      .then(
        (payloads) => void (wish.restored = { from, payloads }),
        (error: unknown) => void (wish.failure ??= { error }),
      )
      .finally(onChange);
  };

  const wishOf = (sequence: Sequence): Wish => {
    const known = wishes.get(sequence);
    if (known) return known;
    const { ids, adapters: uses, maxTokens } = sequence.request;
    const total = blocksFor(Math.min(ids.length + maxTokens, sizes.contextLength));
    if (total > blocks.total) {
      throw new RequestError(
        `The request may need ${total * BLOCK_TOKENS} tokens of cache, the model was loaded with ${blocks.total * BLOCK_TOKENS}.`,
        'Ask for fewer tokens or shorten the prompt.',
      );
    }
    const claim = adapters.claim(uses.map(({ id }) => id));
    const wish: Wish = { claim, placed: place(sequence.request), failure: null, restored: null };
    wishes.set(sequence, wish);
    checkBlend(uses, []);
    restore(sequence.request, wish);
    return wish;
  };
  const compileConstraints = () => {
    if (isCompiling) return;
    isCompiling = true;
    transformer
      .constraints(lists)
      .then(
        (made) => void (constraints = made),
        (error: unknown) => {
          for (const [{ request }, wish] of wishes) if (request.constraint) wish.failure ??= { error };
        },
      )
      .finally(() => {
        isCompiling = false;
        onChange();
      });
  };

  /** Room for a sequence whose adapters are here; null, with nothing taken, when there is none. */
  const takeRoom = ({ request }: Sequence, { placed }: Wish, { from, payloads }: NonNullable<Wish['restored']>) => {
    const { ids, promptTokens, maxTokens } = request;
    if (slots.length === 0) return null;
    const total = blocksFor(Math.min(ids.length + maxTokens, sizes.contextLength));
    const roots = rootsOf(request, placed);
    const shared = blocks.match(roots, ids, reusable(request));
    const own = blocks.take(total - shared.length);
    const anglesAt = own && promptAngles.take(promptTokens);
    if (anglesAt === null) {
      blocks.release([...shared, ...(own ?? [])]);
      return null;
    }
    // What was shared when they were read may be gone since.
    const restored = shared.length < from ? [] : payloads.slice(shared.length - from);
    const computed = (shared.length + restored.length) * BLOCK_TOKENS;
    const room = { blocks: [...shared, ...own!], computed, anglesAt, roots };
    return { room, restored: restored.map((payload, i) => ({ block: own![i]!, payload })) };
  };
  const giveRoom = ({ request }: Sequence, taken: readonly number[]) => {
    blocks.release(taken);
    promptAngles.release(request.promptTokens);
  };

  const enter = (
    sequence: Sequence,
    { claim, placed }: Wish,
    held: readonly ResidentAdapter[],
    { room, restored }: NonNullable<ReturnType<typeof takeRoom>>,
  ) => {
    const { ids, promptTokens, sampling, topCount, constraint } = sequence.request;
    const slot = slots.pop()!;
    for (const { block, payload } of restored) kept!.fill(block, payload);
    const penalised = sampling.repetitionPenalty !== 1 || sampling.presencePenalty || sampling.frequencyPenalty;
    if (penalised) {
      const counts = new Uint32Array(vocab);
      for (const id of ids.slice(0, promptTokens)) counts[id] = IN_PROMPT;
      for (const id of ids.slice(promptTokens)) counts[id]!++;
      device.write(transformer.counts, slot * vocab * 4, counts);
    }
    if (constraint) constraints!.begin(slot, ids, constraint);
    const phases = phasesOf(placed, held);
    const phase = phaseAt(phases, room.computed);
    writer.slot({
      slot,
      sampling,
      isConstrained: constraint !== null,
      topCount,
      blocks: room.blocks,
      blend: phase.blend,
    });
    sequence.running = {
      ...room,
      slot,
      sampled: 0,
      stepsInFlight: 0,
      claim,
      phases,
      phase,
      isConstrained: constraint !== null,
    };
  };

  return {
    blocks,
    ask(sequence, mayPlace) {
      const { adapters: uses, constraint } = sequence.request;
      if (!mayPlace && uses.length > 0 && !wishes.get(sequence)?.claim.isHolding) return 'no pages';
      const wish = wishOf(sequence);
      const { claim, failure, restored } = wish;
      if (failure) throw failure.error;
      const isBrought = claim.bring();
      if (constraint && !constraints) compileConstraints();
      if (!isBrought || claim.isWriting || !restored || (constraint && !constraints)) return 'waiting';
      const taken = takeRoom(sequence, wish, restored);
      if (!taken) return 'no room';
      try {
        const held = claim.hold();
        if (typeof held === 'string') return held === 'writing' ? 'waiting' : held;
        checkBlend(uses, held);
        enter(sequence, wish, held, taken);
        wishes.delete(sequence);
        return 'admitted';
      } finally {
        if (!sequence.running) giveRoom(sequence, taken.room.blocks);
      }
    },
    withdraw(sequence) {
      const wish = wishes.get(sequence);
      wishes.delete(sequence);
      wish?.claim.release();
    },
    leave(sequence) {
      const running = sequence.running!;
      sequence.running = null;
      // The last token was sampled but perhaps never run, so its key and value may be missing.
      const known = sequence.tokens.slice(0, Math.min(sequence.tokens.length - 1, running.computed));
      const { reusePrefix, keeps } = sequence.request;
      if (reusePrefix) blocks.publish(running.roots, known, running.blocks);
      if (reusePrefix && keeps) kept?.keep(running.roots, known, running.blocks);
      giveRoom(sequence, running.blocks);
      slots.push(running.slot);
      running.claim.release();
      onChange();
    },
  };
}
