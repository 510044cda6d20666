// The adapters of one loaded model: registered by content hash, packed in RAM within a budget, resident in GPU pages
// while they are used, read again from their folder when RAM forgot them. It decides who stays (least recently used goes
// first, pinned and running ones never). It knows no request.

import type { Folder } from '#lib/core/folder.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, readAdapter, type AdapterPlan } from '#lib/formats/model/adapter.ts';
import { checkAdapter } from '#lib/formats/model/check-adapter.ts';
import { hashFiles } from '#lib/core/hash.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { doraGains } from '#lib/model/dora-gains.ts';
import { packAdapter, type PackedAdapter } from '#lib/model/lora.ts';
import type { AdapterTables } from '#lib/model/decoder/table-adapters.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import { checkBaseTables, loadAdapterTables, type BaseFiles, type LoadedTables } from './adapter-tables.ts';
import { loadAdapterPatches } from './adapter-patches.ts';
import { createAdapterPool, type Placement } from './adapter-pool.ts';
import type { AdapterInfo } from './engine.ts';
import { AdapterChangedError, RequestError, UnknownAdapterError } from './errors.ts';

export interface AdaptersOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  transformer: Transformer;
  sizes: DecoderSizes;
  base: BaseFiles;
  /** Packed adapters kept in RAM beyond those on the GPU. */
  ramBytes: number;
  now(): number;
}

/** An adapter while it is on the GPU. */
export interface ResidentAdapter {
  id: string;
  /** Word offset a sequence's blend points at. */
  descriptor: number;
  rankWidth: number;
  /** A head of its own in place of the base's. */
  head: Matrix | null;
  /** What else it changes outside the layers. */
  tables: AdapterTables | null;
}

export interface Adapters {
  readonly resident: number;
  readonly registered: number;
  readonly evictions: number;
  readonly uploadMs: number;
  /** Of the page pool. */
  readonly usedBytes: number;
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
  bytes: number;
  pinned: boolean;
  holders: number;
  lastUsed: number;
  packed: PackedAdapter | null;
  resident: (ResidentAdapter & Placement & { own: LoadedTables | null }) | null;
  /** On its way to the GPU: two requests never load it twice. */
  loading: Promise<ResidentAdapter | null> | null;
}

export function createAdapters(options: AdaptersOptions): Adapters {
  const { device, architecture, weights, transformer, sizes, base, ramBytes, now } = options;
  const adaptable = adaptableBase(architecture);
  const entries = new Map<string, Entry>();
  const pool = createAdapterPool(device, transformer, sizes, architecture.layers);
  let clock = 0;
  let evictions = 0;
  let uploadMs = 0;

  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new UnknownAdapterError(id);
    return entry;
  };
  const oldest = (candidates: Entry[]) =>
    candidates.reduce<Entry | null>((old, e) => (old && old.lastUsed < e.lastUsed ? old : e), null);

  const evict = (entry: Entry) => {
    if (!entry.resident) return;
    const { head, tables, own } = entry.resident;
    pool.free(entry.resident);
    if (head) transformer.removeHead(head);
    if (tables) transformer.removeTables(tables);
    own?.destroy();
    entry.resident = null;
  };
  /** Places the pages, evicting idle adapters as needed; null when only running and pinned ones are left. */
  const place = (packed: PackedAdapter): Placement | null => {
    for (;;) {
      const placed = pool.place(packed);
      if (placed) return placed;
      const idle = oldest([...entries.values()].filter((e) => e.resident && !e.pinned && e.holders === 0));
      if (!idle) return null;
      evict(idle);
      evictions++;
    }
  };

  const pack = async (folder: Folder, plan: AdapterPlan): Promise<PackedAdapter> => {
    const plain = await packAdapter(folder, plan, adaptable, sizes, null);
    if (plain.pages > pool.pages) throw noRoom(plan.name, plain.pages);
    if (plan.kind !== 'dora') return plain;
    // DoRA needs the row norms of the adapted base, which only the GPU holds: place it plainly, measure, pack again.
    const placed = place(plain);
    if (!placed) throw noRoom(plan.name, plain.pages);
    try {
      const gains = await doraGains({ device, architecture, weights, transformer, sizes, folder, plan, ...placed });
      return await packAdapter(folder, plan, adaptable, sizes, gains);
    } finally {
      pool.free(placed);
    }
  };
  const noRoom = (name: string, pages: number) => {
    const mib = (count: number) => ((count * sizes.pageBytes) / 2 ** 20).toFixed(1);
    return new RequestError(
      `${name} needs ${mib(pages)} MiB a layer, the adapter pool has ${mib(pool.pages)} MiB.`,
      'Load the model with a larger adapter pool, or unpin other adapters.',
    );
  };

  const packedOf = async (entry: Entry): Promise<PackedAdapter> => {
    if (entry.packed) return entry.packed;
    const id = await hashFiles(entry.folder, [ADAPTER_CONFIG, ADAPTER_WEIGHTS]);
    if (id !== entry.id) throw new AdapterChangedError(entry.plan.name);
    entry.packed = await pack(entry.folder, entry.plan);
    return entry.packed;
  };
  const trimRam = () => {
    for (;;) {
      const kept = [...entries.values()].filter((e) => e.packed);
      if (kept.reduce((sum, e) => sum + e.bytes, 0) <= ramBytes) return;
      const idle = oldest(kept.filter((e) => !e.loading));
      if (!idle) return;
      idle.packed = null;
    }
  };

  const load = async (entry: Entry): Promise<ResidentAdapter | null> => {
    const { folder, plan } = entry;
    const packed = await packedOf(entry);
    const own = await loadAdapterTables({ device, architecture, weights, sizes, base, folder, plan });
    const started = now();
    const placed = place(packed);
    if (!placed) {
      own?.destroy();
      return null;
    }
    const { head = null, tables = null } = own ?? {};
    entry.resident = { id: entry.id, ...placed, rankWidth: packed.rankWidth, head, tables, own };
    if (head) await transformer.addHead(head);
    if (tables) await transformer.addTables(tables, placed.descriptor);
    uploadMs += now() - started;
    trimRam();
    return entry.resident;
  };

  const describe = ({ id, plan, bytes, pinned, resident, packed }: Entry): AdapterInfo => ({
    id,
    name: plan.name,
    kind: plan.kind,
    rank: plan.rank,
    targets: targetsOf(plan),
    bytes,
    ...(plan.skipped.length > 0 && { skipped: plan.skipped }),
    tier: resident ? 'gpu' : packed ? 'ram' : 'disk',
    pinned,
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
    get usedBytes() {
      return pool.usedBytes;
    },
    get uploadMs() {
      return uploadMs;
    },
    async register(folder, signal) {
      const plan = await readAdapter(folder, adaptable, signal);
      checkAdapter(plan, adaptable);
      const id = await hashFiles(folder, [ADAPTER_CONFIG, ADAPTER_WEIGHTS], signal);
      const known = entries.get(id);
      if (known) return describe(known);
      await checkBaseTables(folder, plan, base);
      await loadAdapterPatches({ architecture, base, folder, plan, isTied: weights.head === weights.embedding });
      const packed = await pack(folder, plan);
      const bytes = packed.slabs.reduce((sum, slab) => sum + slab.byteLength, 0);
      const state = { pinned: false, holders: 0, lastUsed: ++clock, resident: null, loading: null };
      const entry: Entry = { id, folder, plan, bytes, packed, ...state };
      entries.set(id, entry);
      trimRam();
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
      try {
        if (!entry.resident) {
          entry.loading ??= load(entry).finally(() => (entry.loading = null));
          await entry.loading;
        }
      } catch (error) {
        entry.holders--;
        throw error;
      }
      if (!entry.resident) entry.holders--;
      return entry.resident;
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

/** Names as people know them. */
const targetsOf = ({ targets, tables, saved, tokens, vectors }: AdapterPlan): string[] => [
  ...targets,
  ...(tables.embedding || saved.embedding ? ['embed_tokens'] : []),
  ...(tables.head || saved.head ? ['lm_head'] : []),
  ...(tokens.embedding || tokens.head ? ['tokens'] : []),
  ...(vectors.some(({ name }) => name.endsWith('.weight')) ? ['norms'] : []),
  ...(vectors.some(({ name }) => name.endsWith('.bias')) ? ['biases'] : []),
];
