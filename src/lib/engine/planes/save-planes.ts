// Keeps a loaded model's packed weights for the next start: reads them back from the GPU beside the running model, a piece a turn.

import { createSHA256 } from 'hash-wasm';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import type { Turns } from '../turns.ts';
import { encodeManifest, planesOf, type Plane } from './plane-manifest.ts';
import type { PlaneStore } from './plane-store.ts';

const PIECE = 2 << 20;

export interface SavePlanesOptions {
  store: PlaneStore;
  name: string;
  device: Device;
  weights: ModelWeights;
  turns: Turns;
  signal: AbortSignal;
}

/** What cannot be kept is packed again by the next load: nothing here fails a model that answers. */
export async function savePlanes({ store, name, device, weights, turns, signal }: SavePlanesOptions): Promise<void> {
  const buffers = planesOf(weights);
  const writer = await store.create(
    name,
    buffers.reduce((sum, { buffer }) => sum + buffer.bytes, 0),
  );
  if (!writer) return;
  try {
    const hash = await createSHA256();
    const planes: Plane[] = [];
    for (const { label, buffer } of buffers) {
      hash.init();
      for (let at = 0; at < buffer.bytes; at += PIECE) {
        await turns.compute();
        signal.throwIfAborted();
        const bytes = new Uint8Array(await device.read(buffer, at, Math.min(PIECE, buffer.bytes - at)));
        hash.update(bytes);
        writer.write(bytes);
      }
      planes.push({ label, bytes: buffer.bytes, sha256: hash.digest('hex') });
    }
    signal.throwIfAborted();
    await writer.finish(encodeManifest(planes));
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}
