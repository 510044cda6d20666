// Dawn for Node as the tests' GPU. The object is pinned on globalThis: if it is garbage-collected while in use, the process crashes.

import { create, globals } from 'webgpu';

const pinned = globalThis as typeof globalThis & { payableTestGpu?: GPU };

export function testGpu(): GPU {
  Object.assign(globalThis, globals);
  return (pinned.payableTestGpu ??= create([]));
}

/** The same software driver under a real GPU's name, so that the engine chooses the kernels for real GPUs. */
export function cardLikeGpu(): GPU {
  const gpu = testGpu();
  return {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = (await gpu.requestAdapter(options))!;
      const { subgroupMinSize, subgroupMaxSize } = adapter.info;
      const info = {
        vendor: 'acme',
        architecture: 'card',
        device: '',
        description: 'Card',
        subgroupMinSize,
        subgroupMaxSize,
      };
      return Object.defineProperty(adapter, 'info', { value: info });
    },
  } as GPU;
}
