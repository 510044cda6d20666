// The step a self-test runs: three rows over two sequences, one of them in two adapters, random numbers in every buffer kernels
// read. It borrows a fresh decoder's own buffers, so that the decoder's own compiled kernels can be tested; it judges nothing.

import { createRng } from '#lib/core/rng.ts';
import { toHalf } from '#lib/core/half.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { widest } from '#lib/model/at-layer.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { describeAdapter, layOutPages } from '#lib/model/lora.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import type { Content, Part } from '#lib/webgpu/replay.ts';
import { ELEMENT_BYTES, type ElementDtype } from '#lib/webgpu/element.ts';
import { RESULT } from '#lib/webgpu/kernels/sample/sample-result.ts';
import { checkSampling } from './requests.ts';
import { createStepWriter, type StepRow } from './step-writer.ts';

/** A decoder, or the buffers of one. */
export type TestedDecoder = Pick<Transformer, 'state' | 'pools' | 'dispatches' | 'blockParts'>;

export interface SelfTestStep {
  rows: number;
  outputs: number;
  rankWidth: number;
  /** Word offset of an adapter's descriptor. */
  descriptor: number;
  /** Dispatches of the step that run kernels over activations: all but those that read weights. */
  activations: Dispatch[];
  /** Leaves only the adapted sequence's row, or all of them. */
  write(rows: 'one' | 'all'): void;
  floats(count: number): Float32Array<ArrayBuffer>;
  partsOf(buffer: DeviceBuffer, name: string): Part[];
  contentOf(buffer: DeviceBuffer, name: string): Content;
}

/** How labels of buffers begin that the test makes for itself. */
export const OWN = 'self-test ';
const RANK = 4;
const POSITION = 17;
/** Kernels that read weights: they are tested over small matrices. */
const OVER_WEIGHTS = new Set(['embed', 'linear', 'expert-glu', 'expert-down']);
const INPUTS = new Set(['x', 'y', 'q', 'z', 'kv', 'tokens', 'logits', 'scores', 'tail']);

export function selfTestStep(
  device: Device,
  a: Architecture,
  sizes: DecoderSizes,
  transformer: TestedDecoder,
): SelfTestStep {
  const { step, maxSequences, kvDtype, poolDtype } = sizes;
  const random = createRng(7);
  const floats = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  // A pool has many elements, and a prime number of them, over and over, is random enough.
  const some = floats(4093).map((value) => value / 4);
  const elements = (dtype: ElementDtype, bytes: number) => {
    const count = bytes / ELEMENT_BYTES[dtype];
    const all = dtype === 'f32' ? new Float32Array(count) : new Uint16Array(count);
    const cycle = dtype === 'f32' ? some : Uint16Array.from(some, toHalf);
    for (let at = 0; at < count; at += cycle.length) all.set(cycle.subarray(0, count - at), at);
    return all;
  };

  const layout = layOutPages(() => RANK, adaptableBase(a), sizes, true);
  const pageTable = Array.from({ length: layout.pages }, (_, i) => i);
  const descriptors = [0, 1].map((dora) => {
    const ranks = new Uint32Array(a.layers * layout.targets.length).fill(RANK | (dora << 16));
    return describeAdapter({ ...layout, ranks }, pageTable, a.layers, sizes);
  });
  const size = descriptors[0]!.length;
  descriptors.forEach((words, i) => device.write(transformer.state, (step.adapters + i * size) * 4, words));
  const pages = elements(poolDtype, layout.pages * sizes.pageBytes);
  for (const pool of new Set([transformer.pools[0]!, transformer.pools.at(-1)!])) device.write(pool, 0, pages);

  const adapted = Math.min(1, maxSequences - 1);
  const writer = createStepWriter(device, transformer.state, step);
  const plain = { sampling: checkSampling(), isConstrained: false, topCount: 0, blocks: [0], blend: [] };
  if (adapted > 0) writer.slot({ slot: 0, ...plain });
  writer.slot({
    slot: adapted,
    sampling: checkSampling({ temperature: 1.1, topK: 20, topP: 0.95, minP: 0.01, presencePenalty: 0.5, seed: 5 }),
    isConstrained: false,
    topCount: Math.min(3, a.vocab),
    blocks: [1 % sizes.kvBlocks, 2 % sizes.kvBlocks].slice(0, step.maxBlocks),
    blend: [0, 1].map((i) => ({ descriptor: i * size, weight: 0.5 + i })),
  });
  const applied: StepRow = {
    slot: adapted,
    explicit: { token: 3, position: Math.min(POSITION, sizes.contextLength - 1) },
  };
  // Where there is one sequence only, the third row is at its position 0, and no two rows may write the same key.
  const before = { token: 5, position: adapted > 0 ? 0 : Math.min(POSITION - 1, sizes.contextLength - 1) };
  const all: StepRow[] = [{ slot: 0, explicit: before }, applied, { slot: adapted, explicit: null }];
  const outputs = adapted > 0 ? [0, 1] : [1];
  const rankWidth = 2 * RANK;

  const parts = (buffer: DeviceBuffer, name: string): Part[] => {
    const first = (share: number): Part[] => [{ start: 0, bytes: Math.min(buffer.bytes, Math.ceil(share / 4) * 4) }];
    switch (name) {
      case 'kv':
      case 'tokens': {
        const used = Array.from({ length: Math.min(3, sizes.kvBlocks) }, (_, block) => transformer.blockParts(block));
        return used.flatMap((parts) =>
          parts
            .filter((part) => part.buffer === buffer)
            .map(({ offset, bytes }, i) => {
              const content: Content =
                kvDtype === 'i8' ? (i < 2 ? 'bytes' : 'floats') : kvDtype === 'f16' ? 'halves' : 'floats';
              return { start: offset, bytes, content };
            }),
        );
      }
      case 'pool':
        return first(layout.pages * sizes.pageBytes);
      case 'angles':
        return first((POSITION + 1) * widest(a).ropeDim * 4);
      case 'positions':
        return first((POSITION + 1) * a.hidden * 4);
      case 'logits':
        return first(outputs.length * a.vocab * 4);
      case 'counts':
        return first((adapted + 1) * a.vocab * 4);
      case 'results':
        return first(outputs.length * RESULT.words * 4);
      case 'call':
      case 'vectors':
      case 'state':
        return first(buffer.bytes);
      default:
        // The decoder's activations have room for many rows, of which three are used; the test's own are used whole.
        return first(buffer.label.startsWith(OWN) ? buffer.bytes : (buffer.bytes / sizes.maxRows) * all.length);
    }
  };

  const seen = new Set<unknown>();
  const shape = { rows: all.length, outputs: outputs.length, rankWidth, sample: true };
  const heads = [{ head: null, first: 0, count: outputs.length }];
  const activations = transformer.dispatches({ ...shape, heads }).filter(({ binding: { program } }) => {
    if (OVER_WEIGHTS.has(program.kernel.name) || seen.has(program)) return false;
    seen.add(program);
    return true;
  });
  const filling = (bytes: number, content: Content = 'floats') => {
    if (content === 'bytes') return Uint32Array.from({ length: bytes / 4 }, () => random.uniform() * 2 ** 32);
    return content === 'halves' ? elements('f16', bytes) : floats(bytes / 4);
  };
  const filled = new Set<DeviceBuffer>();
  for (const { binding } of activations) {
    for (const [name, buffer] of Object.entries(binding.buffers)) {
      if (!INPUTS.has(name) || filled.has(buffer)) continue;
      filled.add(buffer);
      for (const { start, bytes, content } of parts(buffer, name)) device.write(buffer, start, filling(bytes, content));
    }
  }
  return {
    rows: all.length,
    outputs: outputs.length,
    rankWidth,
    descriptor: 0,
    activations,
    write: (rows) => writer.rows(rows === 'all' ? all : [applied], rows === 'all' ? outputs : [0], rankWidth),
    floats,
    partsOf: parts,
    contentOf: (_, name) => (name === 'state' || name === 'counts' ? 'words' : 'floats'),
  };
}
