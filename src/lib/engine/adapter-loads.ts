// Brings adapters from their folders into RAM beside the decode loop, a bounded number at a time.
// A load ends with its result, its error or a stop, even where its folder never answers. It knows neither pages nor requests.

import type { Folder } from '#lib/core/folder.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import type { PackedAdapter } from '#lib/model/lora.ts';
import type { AdapterReader } from './adapter-reader.ts';
import { hasTables, type LoadedTables } from './adapter-tables.ts';
import { AdapterChangedError } from './errors.ts';
import { createLanes } from './lanes.ts';
import { UPLOAD_BYTES } from './turns.ts';

/** Adapters whose files are read and compared with their hash; each holds one piece of a file at most. */
const VERIFYING = 64;
/** Packed bytes of adapters that are packed at the same time. A larger one is packed alone. */
const PACKING_BYTES = 128 << 20;

export interface AdapterSource {
  readonly id: string;
  readonly folder: Folder;
  readonly plan: AdapterPlan;
  /** When packed. */
  readonly bytes: number;
}

/** Ready to be placed on the GPU. */
export interface BroughtAdapter {
  packed: PackedAdapter;
  own: LoadedTables | null;
}

export interface AdapterLoad {
  /** Null until it is there; then its owner places it, or stops the load to free it. */
  readonly brought: BroughtAdapter | null;
  stop(): void;
}

export interface AdapterLoads {
  /**
   * `packed` spares reading it: then, where the adapter has no tables, the load is complete when this returns.
   * Otherwise `onSettled` receives the result or the error later, unless the load was stopped.
   */
  start(
    source: AdapterSource,
    packed: PackedAdapter | null,
    onSettled: (outcome: { packed: PackedAdapter } | { error: unknown }) => void,
  ): AdapterLoad;
}

export function createAdapterLoads(reader: AdapterReader): AdapterLoads {
  const verifying = createLanes(VERIFYING);
  const packing = createLanes(PACKING_BYTES);

  const bring = async (source: AdapterSource, known: PackedAdapter | null, signal: AbortSignal) => {
    const { folder, plan, id, bytes } = source;
    if (!known) {
      const found = await verifying.run(1, signal, () => reader.hash(folder, signal));
      if (found !== id) throw new AdapterChangedError(plan.name);
    }
    return packing.run(known ? UPLOAD_BYTES : bytes, signal, async () => {
      const packed = known ?? (await reader.pack(folder, plan, signal));
      return { packed, own: await reader.tables(folder, plan, signal) };
    });
  };

  return {
    start(source, known, onSettled) {
      const stopped = new AbortController();
      let brought: BroughtAdapter | null = null;
      if (known && !hasTables(source.plan)) brought = { packed: known, own: null };
      else
        bring(source, known, stopped.signal).then(
          (made) => {
            if (stopped.signal.aborted) return made.own?.destroy();
            brought = made;
            onSettled({ packed: made.packed });
          },
          (error: unknown) => {
            if (!stopped.signal.aborted) onSettled({ error });
          },
        );
      return {
        get brought() {
          return brought;
        },
        stop() {
          stopped.abort();
          brought?.own?.destroy();
          brought = null;
        },
      };
    },
  };
}
