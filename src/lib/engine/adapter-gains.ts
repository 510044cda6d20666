// What a DoRA adapter multiplies its rows by, measured beside the running model: one layer at a time, in buffers of its own,
// so that it needs no page of the pool and waits for no running adapter. It knows buffers; the measure is `model/dora-gains.ts`.

import type { Folder } from '#lib/core/folder.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { doraGains } from '#lib/model/dora-gains.ts';
import { describeAdapter, type Gains, type PackedAdapter } from '#lib/model/lora.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { writeInTurns } from './adapter-pool.ts';
import type { Turns } from './turns.ts';

export interface AdapterGainsOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  sizes: DecoderSizes;
  turns: Turns;
  folder: Folder;
  plan: AdapterPlan;
  /** The adapter packed without gains. */
  packed: PackedAdapter;
}

export async function adapterGains(options: AdapterGainsOptions): Promise<NonNullable<Gains>> {
  const { device, architecture, weights, sizes, turns, folder, plan, packed } = options;
  const pages = device.createBuffer('dora pages', packed.pages * sizes.pageBytes);
  const state = device.createBuffer('dora state', sizes.step.words * 4);
  try {
    const table = Array.from({ length: packed.pages }, (_, page) => page);
    const words = describeAdapter(packed, table, packed.slabs.length, sizes);
    device.write(state, sizes.step.adapters * 4, words);
    const measured: NonNullable<Gains>[] = [];
    for (const [layer, slab] of packed.slabs.entries()) {
      const matrices = plan.matrices.filter((matrix) => matrix.layer === layer);
      if (matrices.length === 0) continue;
      await writeInTurns(device, turns, [{ buffer: pages, at: 0, bytes: slab }]);
      const place = { state, pools: packed.slabs.map(() => pages) };
      const of = {
        device,
        architecture,
        weights,
        transformer: place,
        sizes,
        folder,
        plan: { ...plan, matrices },
        descriptor: 0,
      };
      measured[layer] = await doraGains(of);
    }
    return (matrix) => measured[matrix.layer]!(matrix);
  } finally {
    pages.destroy();
    state.destroy();
  }
}
