// Finds out whether this browser offers WebGPU, and says why when it does not.

import type { Problem } from '#lib/state/problem.ts';

/** Null when a GPU was found. */
export async function findGpu(): Promise<Problem | null> {
  // The type promises `gpu`, but browsers without WebGPU lack it.
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (!gpu) {
    return isSecureContext
      ? { message: 'This browser does not support WebGPU, or WebGPU is turned off.' }
      : { message: 'The page was not loaded over https or from localhost, so the browser hides WebGPU.' };
  }
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter ? null : { message: 'The browser supports WebGPU but found no graphics card that it can use for it.' };
}

/** Features that the GPU has; none where there is no GPU. */
export async function gpuFeatures(): Promise<ReadonlySet<string>> {
  const adapter = await (navigator as Partial<Navigator>).gpu?.requestAdapter().catch(() => null);
  return new Set(adapter?.features);
}
