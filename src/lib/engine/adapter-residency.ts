// Which adapters lie in the page pool: placed all together or not at all, written in turns, the least recently used idle one
// evicted first; held and pinned ones never. It knows pages and use; it knows neither folders nor requests.

import type { AdapterTables } from '#lib/model/decoder/table-adapters.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import type { BroughtAdapter } from './adapter-loads.ts';
import type { AdapterPool, Placement } from './adapter-pool.ts';
import type { LoadedTables } from './adapter-tables.ts';
import { createLru } from './lru.ts';

/** An adapter while it is on the GPU. */
export interface ResidentAdapter {
  /** Word offset a sequence's blend points at. */
  descriptor: number;
  rankWidth: number;
  /** A head of its own in place of the base's. */
  head: Matrix | null;
  /** What else it changes outside the layers. */
  tables: AdapterTables | null;
}

export interface Tenant {
  pinned: boolean;
  /** Requests that run with it or wait for the rest of what they need. */
  holders: number;
  resident: Residence | null;
}

export interface Residence extends ResidentAdapter, Placement {
  own: LoadedTables | null;
  /** Ready for the next step. */
  isWritten: boolean;
}

export interface Residency<T extends Tenant = Tenant> {
  readonly resident: number;
  /** Of these, not ready yet. */
  readonly writing: number;
  readonly evictions: number;
  readonly uploadMs: number;
  /**
   * Gives every adapter its pages, evicting idle ones as needed, and begins to write them; false, with nothing placed,
   * when held and pinned adapters leave no room. `onWritten` is called when an adapter is ready or failed.
   */
  place(adapters: readonly { tenant: T; brought: BroughtAdapter }[]): boolean;
  hold(tenant: T): void;
  release(tenant: T): void;
  /** After its pin changed. */
  settle(tenant: T): void;
  evict(tenant: T): void;
}

export interface ResidencyOptions<T extends Tenant> {
  pool: AdapterPool;
  transformer: Pick<Transformer, 'addHead' | 'removeHead' | 'addTables' | 'removeTables'>;
  now(): number;
  onWritten(tenant: T, failure: { error: unknown } | null): void;
}

export function createResidency<T extends Tenant>(options: ResidencyOptions<T>): Residency<T> {
  const { pool, transformer, now, onWritten } = options;
  const resident = new Set<T>();
  /** Those that may be evicted. */
  const idle = createLru<T>();
  let idlePages = 0;
  let writing = 0;
  let evictions = 0;
  let uploadMs = 0;

  const settle = (tenant: T) => {
    const { resident: at, pinned, holders } = tenant;
    if (idle.remove(tenant)) idlePages -= at!.pages.length;
    if (!at?.isWritten || pinned || holders > 0) return;
    idle.touch(tenant);
    idlePages += at.pages.length;
  };
  const leave = ({ head, tables }: Residence) => {
    if (head) transformer.removeHead(head);
    if (tables) transformer.removeTables(tables);
  };
  const vacate = (tenant: T) => {
    const at = tenant.resident!;
    if (idle.remove(tenant)) idlePages -= at.pages.length;
    resident.delete(tenant);
    tenant.resident = null;
    pool.free(at);
    leave(at);
    at.own?.destroy();
  };
  const makeRoom = (brought: BroughtAdapter): Placement | null => {
    for (;;) {
      const placed = pool.take(brought.packed);
      if (placed) return placed;
      const victim = idle.oldest;
      if (!victim) return null;
      vacate(victim);
      evictions++;
    }
  };
  const write = async (tenant: T, at: Residence, { packed }: BroughtAdapter) => {
    const isHere = () => tenant.resident === at;
    const started = now();
    await pool.fill(packed, at, isHere);
    if (at.head && isHere()) await transformer.addHead(at.head);
    if (at.tables && isHere()) await transformer.addTables(at.tables, at.descriptor);
    if (isHere()) uploadMs += now() - started;
    else leave(at);
  };
  const begin = async (tenant: T, at: Residence, brought: BroughtAdapter) => {
    let failure: { error: unknown } | null = null;
    writing++;
    try {
      await write(tenant, at, brought);
    } catch (error) {
      failure = { error };
    }
    writing--;
    if (tenant.resident !== at) return;
    at.isWritten = true;
    if (failure) vacate(tenant);
    else settle(tenant);
    onWritten(tenant, failure);
  };

  return {
    get resident() {
      return resident.size;
    },
    get writing() {
      return writing;
    },
    get evictions() {
      return evictions;
    },
    get uploadMs() {
      return uploadMs;
    },
    place(adapters) {
      const pages = adapters.reduce((sum, { brought }) => sum + brought.packed.pages, 0);
      // So that nothing is evicted in vain.
      if (pages > pool.freePages + idlePages) return false;
      const placements: Placement[] = [];
      for (const { brought } of adapters) {
        const placement = makeRoom(brought);
        if (!placement) {
          for (const placed of placements) pool.free(placed);
          return false;
        }
        placements.push(placement);
      }
      adapters.forEach(({ tenant, brought }, i) => {
        const { packed, own } = brought;
        const { head = null, tables = null } = own ?? {};
        const at: Residence = { ...placements[i]!, rankWidth: packed.rankWidth, head, tables, own, isWritten: false };
        tenant.resident = at;
        resident.add(tenant);
        void begin(tenant, at, brought);
      });
      return true;
    },
    hold(tenant) {
      tenant.holders++;
      settle(tenant);
    },
    release(tenant) {
      tenant.holders--;
      settle(tenant);
    },
    settle,
    evict(tenant) {
      if (tenant.resident) vacate(tenant);
    },
  };
}
