// The adapters of one loaded model: registered by content hash, packed in RAM, resident in GPU pages while they are used.
// It decides who stays on the GPU (least recently used goes first, pinned and running ones never). It knows no request.

import type { Folder } from '#lib/core/folder.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, readAdapter, type AdapterPlan } from '#lib/core/format/adapter.ts';
import { checkAdapter } from '#lib/core/format/check-adapter.ts';
import { hashFiles } from '#lib/core/hash.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder-sizes.ts';
import { doraGains } from '#lib/model/dora-gains.ts';
import { describeAdapter, packAdapter, type PackedAdapter } from '#lib/model/lora.ts';
import { createWeightLoader } from '#lib/model/weight-loader.ts';
import type { Transformer } from '#lib/model/transformer.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createMatrix, type Matrix } from '#lib/webgpu/matrix.ts';
import type { AdapterInfo } from './engine.ts';
import { RequestError, UnknownAdapterError } from './errors.ts';
import { createPagePool, createWordArena } from './paging.ts';

export interface AdaptersOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  transformer: Transformer;
  sizes: DecoderSizes;
  now(): number;
}

/** An adapter while it is on the GPU. */
export interface ResidentAdapter {
  id: string;
  /** Word offset a sequence's blend points at. */
  descriptor: number;
  rankWidth: number;
  head: Matrix | null;
}

export interface Adapters {
  readonly resident: number;
  readonly registered: number;
  readonly evictions: number;
  readonly uploadMs: number;
  register(folder: Folder, signal?: AbortSignal): Promise<AdapterInfo>;
  unregister(id: string): void;
  list(): AdapterInfo[];
  pin(id: string, pinned: boolean): void;
  /** Makes the adapter resident and holds it there; null when running adapters leave it no room just now. */
  hold(id: string): Promise<ResidentAdapter | null>;
  release(id: string): void;
  /** Forgets every adapter, held or not. */
  dispose(): void;
}

interface Entry {
  id: string;
  folder: Folder;
  plan: AdapterPlan;
  packed: PackedAdapter;
  pinned: boolean;
  holders: number;
  lastUsed: number;
  resident: (ResidentAdapter & { pages: number[] }) | null;
  /** Its own head on its way to the GPU, so that two requests never load it twice. */
  headLoading: Promise<Matrix | null> | null;
}

export function createAdapters(options: AdaptersOptions): Adapters {
  const { device, architecture, weights, transformer, sizes, now } = options;
  const entries = new Map<string, Entry>();
  const pool = createPagePool(sizes.pages);
  const arena = createWordArena(sizes.step.adapterWords);
  let clock = 0;
  let evictions = 0;
  let uploadMs = 0;

  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new UnknownAdapterError(id);
    return entry;
  };
  const evict = (entry: Entry) => {
    if (!entry.resident) return;
    pool.give(entry.resident.pages);
    arena.give(entry.resident.descriptor);
    if (entry.resident.head) {
      transformer.removeHead(entry.resident.head);
      entry.resident.head.destroy();
    }
    entry.resident = null;
    entry.headLoading = null;
  };
  const evictOne = (): boolean => {
    const idle = [...entries.values()].filter((e) => e.resident && !e.pinned && e.holders === 0);
    if (idle.length === 0) return false;
    evict(idle.reduce((oldest, e) => (e.lastUsed < oldest.lastUsed ? e : oldest)));
    evictions++;
    return true;
  };

  const place = (packed: PackedAdapter): { pages: number[]; descriptor: number } | null => {
    for (;;) {
      const pages = pool.take(packed.pages);
      const words = describeAdapter(packed, pages ?? Array<number>(packed.pages).fill(0), architecture.layers, sizes);
      const descriptor = pages ? arena.take(words.length) : null;
      if (pages && descriptor !== null) {
        upload(packed, pages);
        device.write(transformer.state, (sizes.step.adapters + descriptor) * 4, words);
        return { pages, descriptor };
      }
      if (pages) pool.give(pages);
      if (!evictOne()) return null;
    }
  };
  const upload = (packed: PackedAdapter, pages: readonly number[]) => {
    const { pageBytes } = sizes;
    packed.slabs.forEach((slab, layer) => {
      pages.forEach((page, i) => {
        const from = slab.subarray(i * pageBytes, (i + 1) * pageBytes);
        device.write(transformer.pools[layer]!, page * pageBytes, from);
      });
    });
  };
  const loadHead = async ({ folder, plan }: Entry): Promise<Matrix | null> => {
    const entry = plan.saved.head;
    if (!entry) return null;
    const matrix = createMatrix(
      device,
      `${plan.name} head`,
      architecture.vocab,
      architecture.hidden,
      weights.head.dtype,
    );
    const loader = await createWeightLoader({ device, folder, tensors: 1, onBytes: () => undefined });
    await loader.fill(matrix, 0, entry);
    await loader.finish();
    await transformer.addHead(matrix);
    return matrix;
  };

  /** DoRA needs the row norms of the adapted base, which only the GPU holds: place it plainly, measure, pack again. */
  const packDora = async (folder: Folder, plan: AdapterPlan, plain: PackedAdapter): Promise<PackedAdapter> => {
    const placed = place(plain);
    if (!placed) throw noRoom(plan.name, plain.pages, sizes);
    try {
      const gains = await doraGains({ device, weights, transformer, sizes, folder, plan, ...placed });
      return await packAdapter(folder, plan, architecture, sizes, gains);
    } finally {
      pool.give(placed.pages);
      arena.give(placed.descriptor);
    }
  };

  const describe = (entry: Entry): AdapterInfo => ({
    id: entry.id,
    name: entry.plan.name,
    kind: entry.plan.kind,
    rank: entry.plan.rank,
    targets: [...entry.plan.targets],
    bytes: entry.packed.slabs.reduce((sum, slab) => sum + slab.byteLength, 0),
    tier: entry.resident ? 'gpu' : 'ram',
    pinned: entry.pinned,
  });

  return {
    get resident() {
      return [...entries.values()].filter((entry) => entry.resident).length;
    },
    get registered() {
      return entries.size;
    },
    get evictions() {
      return evictions;
    },
    get uploadMs() {
      return uploadMs;
    },
    async register(folder, signal) {
      const plan = await readAdapter(folder, signal);
      checkAdapter(plan, architecture);
      if (plan.saved.embedding) {
        throw new RequestError(
          `${plan.name}: the adapter brings its own input embedding (modules_to_save: embed_tokens), which is not supported.`,
          'Train it without embed_tokens, or merge it into the base model.',
        );
      }
      const id = await hashFiles(folder, [ADAPTER_CONFIG, ADAPTER_WEIGHTS], signal);
      const known = entries.get(id);
      if (known) return describe(known);
      const plain = await packAdapter(folder, plan, architecture, sizes, null);
      if (plain.pages > pool.total) throw noRoom(plan.name, plain.pages, sizes);
      const packed = plan.kind === 'dora' ? await packDora(folder, plan, plain) : plain;
      const state = { pinned: false, holders: 0, lastUsed: ++clock, resident: null, headLoading: null };
      const entry: Entry = { id, folder, plan, packed, ...state };
      entries.set(id, entry);
      return describe(entry);
    },
    unregister(id) {
      const entry = entryOf(id);
      if (entry.holders > 0) {
        throw new RequestError(`Adapter ${entry.plan.name} is in use.`, 'Stop the requests that use it first.');
      }
      evict(entry);
      entries.delete(id);
    },
    list: () => [...entries.values()].map(describe),
    pin(id, pinned) {
      entryOf(id).pinned = pinned;
    },
    async hold(id) {
      const entry = entryOf(id);
      entry.holders++;
      entry.lastUsed = ++clock;
      if (!entry.resident) {
        const started = now();
        const placed = place(entry.packed);
        if (!placed) {
          entry.holders--;
          return null;
        }
        entry.resident = { id, ...placed, rankWidth: entry.packed.rankWidth, head: null };
        entry.headLoading = loadHead(entry);
        uploadMs += now() - started;
      }
      const { resident } = entry;
      resident.head = await entry.headLoading;
      return resident;
    },
    release(id) {
      const entry = entries.get(id);
      if (entry) entry.holders--;
    },
    dispose() {
      for (const entry of entries.values()) evict(entry);
      entries.clear();
    },
  };
}

function noRoom(name: string, pages: number, sizes: DecoderSizes): RequestError {
  const mib = (count: number) => ((count * sizes.pageBytes) / 2 ** 20).toFixed(1);
  return new RequestError(
    `${name} needs ${mib(pages)} MiB a layer, the adapter pool has ${mib(sizes.pages)} MiB.`,
    'Load the model with a larger adapter pool, or unpin other adapters.',
  );
}
