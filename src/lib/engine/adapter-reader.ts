// From an adapter's folder to what the GPU takes: the checked plan, the packed matrices, the tables beside the pool.
// Everything here runs beside the decode loop, in turns, and ends with its signal. It keeps nothing.

import type { Folder } from '#lib/core/folder.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS, readAdapter, type AdapterPlan } from '#lib/formats/model/adapter.ts';
import { checkAdapter } from '#lib/formats/model/check-adapter.ts';
import { hashFiles, storedHash } from '#lib/core/hash.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { packAdapter, pagesOf, type PackedAdapter } from '#lib/model/lora.ts';
import { openAdapter } from '#lib/model/sources/open-adapter.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { adapterGains } from './adapter-gains.ts';
import { loadAdapterPatches } from './adapter-patches.ts';
import { checkBaseTables, hasTables, loadAdapterTables, type BaseFiles, type LoadedTables } from './adapter-tables.ts';
import { RequestError } from './errors.ts';
import { pacedFolder, unlessStopped } from './paced-folder.ts';
import type { Turns } from './turns.ts';

const HASHED = [ADAPTER_CONFIG, ADAPTER_WEIGHTS];

export interface AdapterReaderOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  sizes: DecoderSizes;
  base: BaseFiles;
  turns: Turns;
  /** Then the kernels that measure DoRA's norms and pack tables passed their test. */
  finished: Promise<void>;
}

export interface AdapterReader {
  /** The folder in the form that PEFT writes, from any form that is read. */
  open(folder: Folder, signal: AbortSignal): Promise<Folder>;
  /** @throws when it is no adapter of this base */
  plan(folder: Folder, signal: AbortSignal): Promise<AdapterPlan>;
  hash(folder: Folder, signal: AbortSignal): Promise<string>;
  /** The same from the hashes that the files are stored under, unread; null where they have none. */
  storedHash(folder: Folder): Promise<string | null>;
  /** When packed. @throws RequestError when the pool is too small for it */
  packedBytes(plan: AdapterPlan): number;
  /** Throws what `tables` would say of its norms, biases, tokens and the base's tables, without loading any. */
  check(folder: Folder, plan: AdapterPlan, signal: AbortSignal): Promise<void>;
  pack(folder: Folder, plan: AdapterPlan, signal: AbortSignal): Promise<PackedAdapter>;
  tables(folder: Folder, plan: AdapterPlan, signal: AbortSignal): Promise<LoadedTables | null>;
}

export function createAdapterReader(options: AdapterReaderOptions): AdapterReader {
  const { device, architecture, weights, sizes, turns } = options;
  const adaptable = adaptableBase(architecture);
  const isTied = weights.head === weights.embedding;
  const turn = () => turns.compute();
  const paced = (folder: Folder, signal: AbortSignal) => pacedFolder(folder, signal, turn);
  const baseFor = (signal: AbortSignal): BaseFiles => ({
    ...options.base,
    folder: paced(options.base.folder, signal),
  });
  const refuseTooLarge = (name: string, { pages }: Pick<PackedAdapter, 'pages'>) => {
    if (pages <= sizes.pages) return;
    const mib = (count: number) => ((count * sizes.pageBytes) / 2 ** 20).toFixed(1);
    throw new RequestError(
      `${name} needs ${mib(pages)} MiB a layer, the adapter pool has ${mib(sizes.pages)} MiB.`,
      'Load the model with a larger adapter pool, or unpin other adapters.',
    );
  };

  return {
    open: (folder, signal) => unlessStopped(signal, openAdapter(folder, architecture, signal)),
    async plan(folder, signal) {
      const plan = await readAdapter(paced(folder, signal), adaptable, signal);
      checkAdapter(plan, adaptable);
      return plan;
    },
    hash: (folder, signal) => hashFiles(paced(folder, signal), HASHED, signal, turn),
    storedHash: (folder) => storedHash(folder, HASHED),
    packedBytes(plan) {
      const pages = pagesOf(plan, adaptable, sizes);
      refuseTooLarge(plan.name, { pages });
      return pages * sizes.pageBytes * architecture.layers;
    },
    async check(folder, plan, signal) {
      const from = paced(folder, signal);
      const base = baseFor(signal);
      await checkBaseTables(from, plan, base);
      await loadAdapterPatches({ architecture, base, folder: from, plan, isTied });
    },
    async pack(folder, plan, signal) {
      const from = paced(folder, signal);
      const packed = await packAdapter(from, plan, adaptable, sizes, null);
      refuseTooLarge(plan.name, packed);
      if (plan.kind !== 'dora') return packed;
      await unlessStopped(signal, options.finished);
      // DoRA needs the row norms of the adapted base, which only the GPU holds: pack it plainly, measure, pack it again.
      const gains = await adapterGains({ device, architecture, weights, sizes, turns, folder: from, plan, packed });
      const whole = await packAdapter(from, plan, adaptable, sizes, gains);
      refuseTooLarge(plan.name, whole);
      return whole;
    },
    async tables(folder, plan, signal) {
      // Then the kernel that packs them was tested.
      if (hasTables(plan)) await unlessStopped(signal, options.finished);
      return loadAdapterTables({ ...options, base: baseFor(signal), folder: paced(folder, signal), plan });
    },
  };
}
