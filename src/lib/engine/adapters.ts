// The adapters of one loaded model, registered by content hash. It knows what is registered; loading is `adapter-loads.ts`, the page
// pool `adapter-residency.ts`, and what requests want of them `adapter-claims.ts`.

import type { Folder } from '#lib/core/folder.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import { createClaims, failClaims, type AdapterClaim, type Entry } from './adapter-claims.ts';
import { createAdapterLoads } from './adapter-loads.ts';
import type { AdapterReader } from './adapter-reader.ts';
import { createResidency, type ResidencyOptions } from './adapter-residency.ts';
import type { AdapterInfo } from './engine.ts';
import { RequestError, UnknownAdapterError } from './errors.ts';
import { stoppedBy } from './paced-folder.ts';
import { createRamTier } from './ram-tier.ts';

export interface AdaptersOptions extends Omit<ResidencyOptions<Entry>, 'onWritten'> {
  reader: AdapterReader;
  /** Packed adapters kept in RAM beyond those on the GPU. */
  ramBytes: number;
  /** A claim that waited may have another answer now. */
  onChange(): void;
}

/** What an adapter was registered with: enough to register it again on another device without reading it. */
export interface Registration {
  readonly id: string;
  readonly folder: Folder;
  readonly plan: AdapterPlan;
  readonly bytes: number;
  readonly pinned: boolean;
}

export interface Adapters {
  readonly resident: number;
  readonly registered: number;
  readonly evictions: number;
  readonly uploadMs: number;
  /** Of the page pool. */
  readonly usedBytes: number;
  /** Files that are stored under their hashes are read when a request wants the adapter, but for their headers. */
  register(folder: Folder, signal?: AbortSignal): Promise<AdapterInfo>;
  readonly registrations: readonly Registration[];
  /** Registers what was registered for the same model. Each is read, and compared with its id, when a request wants it. */
  adopt(registrations: readonly Registration[]): void;
  unregister(id: string): void;
  list(): AdapterInfo[];
  pin(id: string, pinned: boolean): void;
  /** Tokens from whose last occurrence in a prompt on it is applied; null: to all. Throws when it is not registered. */
  invocationOf(id: string): readonly number[] | null;
  /** Throws when one is not registered. */
  claim(ids: readonly string[]): AdapterClaim;
  /** Ends loads and registrations with the reason, forgets every adapter, held or not. */
  dispose(reason: Error): void;
}

export function createAdapters(options: AdaptersOptions): Adapters {
  const { reader, pool, ramBytes, onChange } = options;
  const entries = new Map<string, Entry>();
  const closing = new AbortController();
  const ram = createRamTier<Entry>(ramBytes);
  const residency = createResidency<Entry>({
    ...options,
    onWritten(entry, failure) {
      if (failure) failClaims(entry, failure.error);
      onChange();
    },
  });
  const claims = createClaims({ loads: createAdapterLoads(reader), residency, ram, onChange });

  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new UnknownAdapterError(id);
    return entry;
  };
  const describe = ({ id, plan, bytes, pinned, resident, packed }: Entry): AdapterInfo => ({
    id,
    name: plan.name,
    kind: plan.kind,
    rank: plan.rank,
    targets: targetsOf(plan),
    bytes,
    ...(plan.invocation && { invocation: plan.invocation }),
    ...(plan.skipped.length > 0 && { skipped: plan.skipped }),
    tier: resident ? 'gpu' : packed ? 'ram' : 'disk',
    pinned,
  });

  const add = ({ id, folder, plan, bytes, pinned }: Registration): Entry => {
    const state = { pinned, holders: 0, resident: null, packed: null, load: null };
    const entry: Entry = { id, folder, plan, bytes, ...state, claims: new Set() };
    entries.set(id, entry);
    return entry;
  };

  return {
    invocationOf: (id) => entryOf(id).plan.invocation,
    claim: (ids) => claims.claim(ids.map(entryOf)),
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
    async register(given, signal) {
      const stop = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      const folder = await reader.open(given, stop);
      const plan = await reader.plan(folder, stop);
      const stored = await reader.storedHash(folder);
      const id = stored ?? (await reader.hash(folder, stop));
      const known = entries.get(id);
      if (known) return describe(known);
      await reader.check(folder, plan, stop);
      const bytes = reader.packedBytes(plan);
      // Its bytes are read, and compared with the hash, when a request wants it.
      const packed = stored === null ? await reader.pack(folder, plan, stop) : null;
      if (stop.aborted) throw stoppedBy(stop);
      const meanwhile = entries.get(id);
      if (meanwhile) return describe(meanwhile);
      const entry = add({ id, folder, plan, bytes, pinned: false });
      if (packed) ram.keep(entry, packed);
      return describe(entry);
    },
    get registrations() {
      return [...entries.values()].map(({ id, folder, plan, bytes, pinned }) => ({ id, folder, plan, bytes, pinned }));
    },
    adopt(registrations) {
      for (const one of registrations) add(one);
    },
    unregister(id) {
      const entry = entryOf(id);
      if (entry.claims.size > 0) {
        throw new RequestError(`Adapter ${entry.plan.name} is in use.`, 'Stop the requests that use it first.');
      }
      residency.evict(entry);
      ram.forget(entry);
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
        failClaims(entry, reason);
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
