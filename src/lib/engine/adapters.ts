// The adapters of one loaded model, registered by content hash, and who waits for them or runs with them.
// A claim is one request's wish for its adapters: it asks without waiting, loads what is missing beside the decode loop, and
// takes pages for all of them at once, so that two claims never wait for each other. It knows no sequence and no step.

import type { Folder } from '#lib/core/folder.ts';
import type { AdapterPlan } from '#lib/core/format/adapter.ts';
import type { PackedAdapter } from '#lib/model/lora.ts';
import { createAdapterLoads, type AdapterLoad, type AdapterSource, type BroughtAdapter } from './adapter-loads.ts';
import type { AdapterPool } from './adapter-pool.ts';
import type { AdapterReader } from './adapter-reader.ts';
import { createResidency, type ResidencyOptions, type ResidentAdapter, type Tenant } from './adapter-residency.ts';
import type { AdapterInfo } from './engine.ts';
import { RequestError, UnknownAdapterError } from './errors.ts';
import { createLru } from './lru.ts';

export interface AdaptersOptions extends Omit<ResidencyOptions, 'onWritten'> {
  reader: AdapterReader;
  /** Packed adapters kept in RAM beyond those on the GPU. */
  ramBytes: number;
  /** A claim that waited may have another answer now. */
  onChange(): void;
}

export interface AdapterClaim {
  /** It has its pages. */
  readonly isHolding: boolean;
  /** It has its pages, but they are not all written. */
  readonly isWriting: boolean;
  /** False while one of the adapters is on its way; loads what is missing. Throws what made a load fail. */
  bring(): boolean;
  /**
   * Once all are brought: the adapters, kept on the GPU until `release`; `writing` while they are on their way to it; `no pages`
   * while running and pinned adapters leave them no room. Throws when the room will never suffice.
   */
  hold(): readonly ResidentAdapter[] | 'writing' | 'no pages';
  release(): void;
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
  /** Throws when one is not registered. */
  claim(ids: readonly string[]): AdapterClaim;
  /** Ends loads and registrations with the reason, forgets every adapter, held or not. */
  dispose(reason: Error): void;
}

interface Entry extends AdapterSource, Tenant {
  /** The RAM tier's copy. */
  packed: PackedAdapter | null;
  /** While claims wait for it; two never load it twice. */
  load: AdapterLoad | null;
  claims: Set<Claim>;
}

interface Claim {
  failure: { error: unknown } | null;
  isHolding: boolean;
}

export function createAdapters(options: AdaptersOptions): Adapters {
  const { reader, pool, ramBytes, onChange } = options;
  const entries = new Map<string, Entry>();
  const closing = new AbortController();
  const loads = createAdapterLoads(reader);
  const failAll = (entry: Entry, failure: { error: unknown }) => {
    for (const claim of entry.claims) claim.failure ??= failure;
    onChange();
  };
  const residency = createResidency({
    ...options,
    onWritten: (tenant, failure) => (failure ? failAll(tenant as Entry, failure) : onChange()),
  });
  /** Those with a packed copy. */
  const inRam = createLru<Entry>();
  let ramUsed = 0;

  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new UnknownAdapterError(id);
    return entry;
  };
  const forgetPacked = (entry: Entry) => {
    entry.packed = null;
    if (inRam.remove(entry)) ramUsed -= entry.bytes;
  };
  const keepPacked = (entry: Entry, packed: PackedAdapter) => {
    if (!entry.packed) ramUsed += entry.bytes;
    entry.packed = packed;
    inRam.touch(entry);
    while (ramUsed > ramBytes && inRam.oldest) forgetPacked(inRam.oldest);
  };

  const load = (entry: Entry): BroughtAdapter | null => {
    entry.load ??= loads.start(entry, entry.packed, (outcome) => {
      if ('error' in outcome) {
        entry.load = null;
        failAll(entry, outcome);
      } else {
        keepPacked(entry, outcome.packed);
        onChange();
      }
    });
    if (entry.packed) inRam.touch(entry);
    return entry.load.brought;
  };
  /** Claims that hold pages. */
  let holding = 0;
  const place = (wanted: readonly Entry[]): boolean => {
    for (const entry of wanted) residency.hold(entry);
    const missing = wanted.filter(({ resident }) => !resident);
    if (residency.place(missing.map((entry) => ({ tenant: entry, brought: entry.load!.brought! })))) {
      for (const entry of missing) entry.load = null;
      return true;
    }
    for (const entry of wanted) residency.release(entry);
    if (holding > 0 || residency.writing > 0) return false;
    throw new RequestError(
      'The adapters of this request do not fit into the adapter pool together.',
      'Blend fewer adapters, unpin others, or load the model with a larger adapter pool.',
    );
  };
  const claim = (ids: readonly string[]): AdapterClaim => {
    const wanted = [...new Set(ids)].map(entryOf);
    const own: Claim = { failure: null, isHolding: false };
    for (const { claims } of wanted) claims.add(own);
    const isWriting = () => own.isHolding && wanted.some(({ resident }) => !resident?.isWritten);
    return {
      get isHolding() {
        return own.isHolding;
      },
      get isWriting() {
        return own.failure === null && isWriting();
      },
      bring() {
        if (own.failure) throw own.failure.error;
        return own.isHolding || wanted.filter((entry) => !entry.resident && !load(entry)).length === 0;
      },
      hold() {
        if (!own.isHolding) {
          if (!place(wanted)) return 'no pages';
          own.isHolding = true;
          if (wanted.length > 0) holding++;
        }
        if (isWriting()) return 'writing';
        return ids.map((id) => entryOf(id).resident!);
      },
      release() {
        if (own.isHolding && wanted.length > 0) holding--;
        for (const entry of wanted) {
          entry.claims.delete(own);
          if (own.isHolding) residency.release(entry);
          if (entry.claims.size > 0) continue;
          entry.load?.stop();
          entry.load = null;
        }
        own.isHolding = false;
        onChange();
      },
    };
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
    claim,
    get resident() {
      return residency.resident;
    },
    get registered() {
      return entries.size;
    },
    get evictions() {
      return residency.evictions;
    },
    get usedBytes() {
      return pool.usedBytes;
    },
    get uploadMs() {
      return residency.uploadMs;
    },
    async register(folder, signal) {
      const stop = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      const plan = await reader.plan(folder, stop);
      const id = await reader.hash(folder, stop);
      const known = entries.get(id);
      if (known) return describe(known);
      await reader.check(folder, plan, stop);
      const packed = await reader.pack(folder, plan, stop);
      const bytes = packed.slabs.reduce((sum, slab) => sum + slab.byteLength, 0);
      const state = { pinned: false, holders: 0, resident: null, packed: null, load: null, claims: new Set<Claim>() };
      const entry: Entry = { id, folder, plan, bytes, ...state };
      const meanwhile = entries.get(id);
      if (meanwhile) return describe(meanwhile);
      entries.set(id, entry);
      keepPacked(entry, packed);
      return describe(entry);
    },
    unregister(id) {
      const entry = entryOf(id);
      if (entry.claims.size > 0) {
        throw new RequestError(`Adapter ${entry.plan.name} is in use.`, 'Stop the requests that use it first.');
      }
      residency.evict(entry);
      forgetPacked(entry);
      entries.delete(id);
    },
    list: () => [...entries.values()].map(describe),
    pin(id, pinned) {
      const entry = entryOf(id);
      entry.pinned = pinned;
      residency.settle(entry);
      onChange();
    },
    dispose(reason) {
      closing.abort(reason);
      for (const entry of entries.values()) {
        for (const claim of entry.claims) claim.failure ??= { error: reason };
        entry.load?.stop();
        entry.load = null;
        residency.evict(entry);
      }
      entries.clear();
      onChange();
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
