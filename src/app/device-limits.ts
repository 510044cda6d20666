// What this device allows a model: the buffers of the GPU that the engine would use, and the memory assumed for it.

import type { DeviceLimits } from '#lib/state/model-check.svelte.ts';

/** Without a GPU the reference kernels compute in arrays of this size. */
const REFERENCE_BINDING_BYTES = 2 ** 31;
/** The rest is for the system, the browser and other pages. */
const SHARE_OF_MEMORY = 0.5;

/** `gpu` names it; empty without one. Limits as `createGpuDevice` requests them, of the same adapter. */
export async function readDeviceLimits(): Promise<DeviceLimits & { gpu: string }> {
  const { gpu, deviceMemory } = navigator as { gpu?: GPU; deviceMemory?: number };
  const memoryBytes = deviceMemory === undefined ? null : deviceMemory * 2 ** 30 * SHARE_OF_MEMORY;
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) return { maxBindingBytes: REFERENCE_BINDING_BYTES, memoryBytes, gpu: '' };
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const { vendor, architecture, description } = adapter.info;
  return {
    maxBindingBytes: Math.min(maxStorageBufferBindingSize, maxBufferSize),
    memoryBytes,
    gpu: [vendor, architecture, description].join(' '),
  };
}
