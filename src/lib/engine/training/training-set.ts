// Adapters that train together over one base: the decoder that runs in both directions, the pages of each adapter, and its tensors under
// PEFT's names.

import type { Folder } from '#lib/core/folder.ts';
import { readAdapter, type AdapterPlan } from '#lib/formats/model/adapter.ts';
import { checkAdapter } from '#lib/formats/model/check-adapter.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { packAdapter, readTensor, type PackedAdapter } from '#lib/model/lora.ts';
import { unpackAdapter, type NamedTensor } from '#lib/model/unpack-adapter.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { createAdapterPool, type Placement } from '../adapter-pool.ts';
import { createTurns } from '../turns.ts';
import { checkTrainableAdapter, checkTrainableModel } from './check-trainable.ts';
import { TrainingRequestError } from './errors.ts';
import { createGainStages, type GainStages } from './gain-stages.ts';
import { gradientPlaces, type GradientPlaces } from './gradient-places.ts';
import { hasOwnTables, loadOwnTables, type OwnTables } from './own-tables.ts';
import type { SegmentAdapter } from './segments.ts';
import { createPacedSubmits, type PacedSubmits } from './paced-submits.ts';
import { createTrainingDecoder, type TrainingDecoder } from './training-decoder.ts';
import { trainingSizes, type TrainingBudget } from './training-sizes.ts';
import { unfoldSlab } from './unfold-slab.ts';

export interface TrainedAdapter {
  plan: AdapterPlan;
  packed: PackedAdapter;
  placement: Placement;
  segment: SegmentAdapter;
  /** Null without DoRA. */
  gains: GainStages | null;
  /** Embedding and head of its own, or LoRA over those of the base. */
  tables: OwnTables | null;
}

export interface TrainingSet {
  readonly decoder: TrainingDecoder;
  readonly sizes: DecoderSizes;
  readonly adapters: readonly TrainedAdapter[];
  readonly pace: PacedSubmits;
  /** For gradients of single examples; null where those of all examples of an adapter add up. */
  readonly places: GradientPlaces | null;
  /** Of parameters: `GainStages.gradients` ran before. `pages`: where the gradient lies, if not where the adapter does. */
  gradientsOf(adapter: TrainedAdapter, pages?: readonly number[]): Promise<NamedTensor[]>;
  /** From copies, so that reading changes no bit of what is trained. */
  weightsOf(adapter: TrainedAdapter): Promise<NamedTensor[]>;
  destroy(): void;
}

export interface TrainingSetOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  /** PEFT folders. */
  adapters: readonly Folder[];
  /** A clock, by which passes are cut into submits of bounded time; without one, a list of dispatches is one submit. */
  now?: (() => number) | undefined;
}

export async function createTrainingSet(
  { device, architecture, weights, adapters: folders, now }: TrainingSetOptions,
  budget: Omit<TrainingBudget, 'maxBindingBytes'>,
): Promise<TrainingSet> {
  checkTrainableModel(architecture);
  const { maxBindingBytes } = device;
  const sized = trainingSizes(architecture, { ...budget, maxBindingBytes });
  const read: Pick<TrainedAdapter, 'plan' | 'packed'>[] = [];
  for (const folder of folders) read.push(await readTrained(folder, architecture, sized));
  const pages = read.reduce((sum, { packed }) => sum + packed.pages, 0);
  // Rows name one adapter each, so ranks do not add up as in a blend of a request.
  const rankWidth = Math.max(...read.map(({ packed }) => packed.rankWidth));
  const ofPool = { ...sized, pages, rankWidth };
  const { layers } = architecture;
  const all = read.map(({ packed }) => packed);
  const mostPlaces = read.some(({ plan }) => hasOwnTables(plan)) ? 1 : Infinity;
  const places = budget.each ? gradientPlaces(all, ofPool, layers, { maxBindingBytes, mostPlaces }) : null;
  const sizes = places?.sizes ?? ofPool;
  const pace = now
    ? createPacedSubmits(device, now)
    : { submit: (_: string, dispatches: readonly Dispatch[]) => Promise.resolve(device.submit(dispatches)) };
  const decoder = await createTrainingDecoder({
    ...{ device, architecture, weights, sizes, pace },
    gradientPages: places?.pages ?? pages,
    gains: read.some(({ plan }) => plan.kind === 'dora'),
  });
  const owned: DeviceBuffer[] = [];
  const allTables: OwnTables[] = [];
  const destroy = () => {
    for (const buffer of owned) buffer.destroy();
    for (const tables of allTables) tables.destroy();
    decoder.destroy();
  };
  const { pools, state } = decoder.cache;
  const adapters: TrainedAdapter[] = [];
  try {
    const pool = createAdapterPool(device, decoder.cache, ofPool, layers, createTurns());
    const own = (buffer: DeviceBuffer) => void owned.push(buffer);
    for (const [i, { plan, packed }] of read.entries()) {
      const placement = pool.take(packed);
      if (!placement) {
        throw new TrainingRequestError(
          `Adapter ${plan.name} does not fit beside the others.`,
          'Train fewer adapters at once, or choose lower ranks.',
        );
      }
      await pool.fill(packed, placement, () => true);
      const { descriptor } = placement;
      const of = { device, architecture, weights, sizes, state, descriptor, own };
      const ofGradients = { grads: decoder.grads, mostPlaces: places?.count ?? 1 };
      const gains = plan.kind === 'dora' ? await createGainStages({ ...of, ...ofGradients, plan, pools }) : null;
      const segment = { descriptor, rankWidth: packed.rankWidth, gains: gains !== null };
      const tables = await loadOwnTables(device, folders[i]!, plan, weights.head === weights.embedding);
      if (tables) {
        allTables.push(tables);
        await decoder.addTables(descriptor, tables);
      }
      adapters.push({ plan, packed, placement, segment, gains, tables });
    }
    device.submit(adapters.flatMap(({ gains }) => gains?.fold ?? []));
  } catch (error) {
    destroy();
    throw error;
  }
  const { pageBytes, step } = sizes;
  const { pageElements } = step;
  const slabsOf = async (
    { packed, placement }: TrainedAdapter,
    buffers: readonly DeviceBuffer[],
    at: readonly number[] = placement.pages,
  ) => {
    const slabs: Float32Array[] = [];
    for (const buffer of buffers) {
      const pages = at.slice(0, packed.pages);
      const parts = pages.map((page) => ({ buffer, offset: page * pageBytes, bytes: pageBytes }));
      slabs.push(new Float32Array(await device.readParts(parts)));
    }
    return slabs;
  };
  return {
    ...{ decoder, sizes, adapters, places, pace },
    // The pool has B times alpha / rank.
    async gradientsOf(adapter, at) {
      const slabs = await slabsOf(adapter, decoder.grads, at);
      const ofLayers = unpackAdapter({ ...adapter, pageElements, slabs, factorOfB: ({ scale }) => scale });
      return [...ofLayers, ...((await adapter.tables?.gradients()) ?? [])];
    },
    async weightsOf(adapter) {
      const slabs = await slabsOf(adapter, pools);
      for (const { matrix, buffer } of adapter.gains?.norms ?? []) {
        const norms = new Float32Array(await device.read(buffer, 0, matrix.target.output * 4));
        unfoldSlab(slabs[matrix.layer]!, adapter.packed, pageElements, matrix, norms);
      }
      const ofLayers = unpackAdapter({ ...adapter, pageElements, slabs, factorOfB: ({ scale }) => 1 / scale });
      return [...ofLayers, ...((await adapter.tables?.weights()) ?? [])];
    },
    destroy,
  };
}

/** The adapter with magnitudes where the pool has gains of DoRA later. */
async function readTrained(folder: Folder, architecture: Architecture, sizes: DecoderSizes) {
  const base = adaptableBase(architecture);
  const plan = await readAdapter(folder, base);
  checkAdapter(plan, base);
  checkTrainableAdapter(plan, architecture);
  if (plan.kind !== 'dora') return { plan, packed: await packAdapter(folder, plan, base, sizes, null) };
  const packed = await packAdapter(folder, plan, base, sizes, ({ target }) => new Float32Array(target.output).fill(1));
  for (const { layer, target, magnitude } of plan.matrices) {
    const { first, rank } = packed.targets[target.index]!;
    const { page, element } = packed.places[first + rank]!;
    new Float32Array(packed.slabs[layer]!.buffer).set(
      await readTensor(folder, magnitude!),
      page * sizes.step.pageElements + element,
    );
  }
  return { plan, packed };
}
