// Adapters that train together over one base: the decoder that runs in both directions, the pages of each adapter, and its tensors under
// PEFT's names.

import type { Folder } from '#lib/core/folder.ts';
import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
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
import { createGainStages, type GainStages } from './gain-stages.ts';
import { gradientPlaces, type GradientPlaces } from './gradient-places.ts';
import type { SegmentAdapter } from './segments.ts';
import { createTrainingDecoder, type TrainingDecoder } from './training-decoder.ts';
import { trainingSizes, type TrainingBudget } from './training-sizes.ts';

export interface TrainedAdapter {
  plan: AdapterPlan;
  packed: PackedAdapter;
  placement: Placement;
  segment: SegmentAdapter;
}

export interface TrainingSet {
  readonly decoder: TrainingDecoder;
  readonly sizes: DecoderSizes;
  readonly adapters: readonly TrainedAdapter[];
  /** For gradients of single examples; null where those of all examples of an adapter add up. */
  readonly places: GradientPlaces | null;
  /** Gains of DoRA become magnitudes, in the pool and its gradients; nothing without DoRA. */
  unfold(): Dispatch[];
  readonly fold: readonly Dispatch[];
  /** Gradients by gains become gradients by magnitudes, at these descriptors by adapter. */
  unfoldGradients(places: readonly (readonly number[])[]): Dispatch[];
  /** Both read what is unfolded. `pages`: where the gradient lies, if not where the adapter does. */
  gradientsOf(adapter: TrainedAdapter, pages?: readonly number[]): Promise<NamedTensor[]>;
  weightsOf(adapter: TrainedAdapter): Promise<NamedTensor[]>;
  destroy(): void;
}

export interface TrainingSetOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  /** PEFT folders. */
  adapters: readonly Folder[];
}

export async function createTrainingSet(
  { device, architecture, weights, adapters: folders }: TrainingSetOptions,
  budget: Omit<TrainingBudget, 'maxBindingBytes'>,
): Promise<TrainingSet> {
  checkTrainableModel(architecture);
  const { maxBindingBytes } = device;
  const sized = trainingSizes(architecture, { ...budget, maxBindingBytes });
  const read: Pick<TrainedAdapter, 'plan' | 'packed'>[] = [];
  for (const folder of folders) read.push(await readTrained(folder, architecture, sized));
  const pages = read.reduce((sum, { packed }) => sum + packed.pages, 0);
  const ofPool = { ...sized, pages };
  const { layers } = architecture;
  const places = budget.each
    ? gradientPlaces(
        read.map(({ packed }) => packed),
        ...([ofPool, layers, maxBindingBytes] as const),
      )
    : null;
  const sizes = places?.sizes ?? ofPool;
  const gradientPages = places?.pages ?? pages;
  const hasGains = read.some(({ plan }) => plan.kind === 'dora');
  const decoder = await createTrainingDecoder({
    ...{ device, architecture, weights, sizes, gradientPages, gains: hasGains },
  });
  const owned: DeviceBuffer[] = [];
  const destroy = () => {
    for (const buffer of owned) buffer.destroy();
    decoder.destroy();
  };
  const { pools, state } = decoder.cache;
  const adapters: TrainedAdapter[] = [];
  const unfold: Dispatch[] = [];
  const gradientGains: (GainStages | null)[] = [];
  const fold: Dispatch[] = [];
  try {
    const pool = createAdapterPool(device, decoder.cache, ofPool, layers, createTurns());
    const own = (buffer: DeviceBuffer) => void owned.push(buffer);
    for (const { plan, packed } of read) {
      const placement = pool.take(packed);
      if (!placement) throw new RangeError(`${plan.name} does not fit the pool`);
      await pool.fill(packed, placement, () => true);
      const { descriptor } = placement;
      const gains = plan.kind === 'dora';
      const of = { device, architecture, weights, sizes, state, descriptor, own };
      const mostPlaces = places?.count ?? 1;
      const stages = gains ? await createGainStages({ ...of, plan, pools, grads: decoder.grads, mostPlaces }) : null;
      gradientGains.push(stages);
      unfold.push(...(stages?.unfold ?? []));
      fold.push(...(stages?.fold ?? []));
      adapters.push({ plan, packed, placement, segment: { descriptor, rankWidth: packed.rankWidth, gains } });
    }
    device.submit(fold);
  } catch (error) {
    destroy();
    throw error;
  }
  const tensorsOf = async (
    { plan, packed }: TrainedAdapter,
    buffers: readonly DeviceBuffer[],
    pagesAt: readonly number[],
    factorOfB: (matrix: AdaptedMatrix) => number,
  ) => {
    const { pageBytes: bytes, step } = sizes;
    const slabs: Float32Array[] = [];
    for (const buffer of buffers) {
      const parts = pagesAt.slice(0, packed.pages).map((page) => ({ buffer, offset: page * bytes, bytes }));
      slabs.push(new Float32Array(await device.readParts(parts)));
    }
    return unpackAdapter({ plan, packed, pageElements: step.pageElements, slabs, factorOfB });
  };
  const unfoldGradients = (at: readonly (readonly number[])[]) =>
    gradientGains.flatMap((stages, i) => (at[i]!.length > 0 ? (stages?.gradients(at[i]!) ?? []) : []));
  return {
    ...{ decoder, sizes, adapters, places, fold, unfoldGradients },
    unfold: () => [...unfoldGradients(adapters.map(({ placement }) => [placement.descriptor])), ...unfold],
    // The pool has B times alpha / rank.
    gradientsOf: (adapter, at = adapter.placement.pages) => tensorsOf(adapter, decoder.grads, at, ({ scale }) => scale),
    weightsOf: (adapter) => tensorsOf(adapter, pools, adapter.placement.pages, ({ scale }) => 1 / scale),
    destroy,
  };
}

/** The adapter with magnitudes where the pool has gains of DoRA later. */
async function readTrained(folder: Folder, architecture: Architecture, sizes: DecoderSizes) {
  const base = adaptableBase(architecture);
  const plan = await readAdapter(folder, base);
  checkAdapter(plan, base);
  checkTrainableAdapter(plan);
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
