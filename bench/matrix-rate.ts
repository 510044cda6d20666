// The rate at which this device multiplies a large weight matrix with the rows of a step, by the engine's own forward kernel: the yardstick
// for a training step.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { createLinearLayer, shapesForRows } from '#lib/model/decoder/linear-layer.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createMatrix } from '#lib/webgpu/matrix.ts';
import { HEADER, stepLayout, stepParams } from '#lib/webgpu/step-state.ts';

const SIDE = 2048;
const SOFTWARE_SIDE = 1024;
const RUNS = 5;

/** Operations a second, the best of some runs: other work only ever makes a run slower. */
export async function measureMatrixRate(
  device: Device,
  dtype: WeightDtype,
  rows: number,
  now: () => number,
): Promise<number> {
  const side = device.software ? SOFTWARE_SIDE : SIDE;
  const owned: { destroy(): void }[] = [];
  const own = <T extends { destroy(): void }>(thing: T): T => {
    owned.push(thing);
    return thing;
  };
  const sizes = { maxRows: rows, maxSlots: 1, maxBlocks: 1, layers: 1, targets: 1, adapterWords: 16 };
  const layout = stepLayout({ ...sizes, pageElements: 1024 });
  try {
    const buffer = (label: string, words: number) => own(device.createBuffer(label, words * 4));
    const state = buffer('measured state', layout.words);
    device.write(state, HEADER.rows * 4, new Uint32Array([rows]));
    const matrix = own(createMatrix(device, 'measured', side, side, dtype));
    const [x, y, z, pool] = [rows * side, rows * side, 4, 1024].map((words) => buffer('measured vectors', words));
    const { parts } = await createLinearLayer(device, {
      ...{ matrix, layer: 0, firstTarget: 0, targets: 0, yStride: side, shapes: shapesForRows(device, matrix) },
      ...{ step: stepParams(layout), pool: 'f32', buffers: { x: x!, y: y!, z: z!, pool: pool!, state } },
      own,
      later: null,
    });
    const times = device.software ? 1 : 20;
    const dispatches = Array.from({ length: times }, () => parts.map((part) => part(rows, 0))).flat();
    let best = Infinity;
    for (let run = 0; run <= RUNS; run++) {
      const started = now();
      device.submit(dispatches);
      await device.settle();
      if (run > 0) best = Math.min(best, now() - started);
    }
    return (2 * rows * side * side * times * 1000) / best;
  } finally {
    for (const thing of owned) thing.destroy();
  }
}
