// Dawn for Node as the tests' GPU. The object is pinned on globalThis: collected while in use, it takes the process down.

import { create, globals } from 'webgpu';

const pinned = globalThis as typeof globalThis & { payableTestGpu?: GPU };

export function testGpu(): GPU {
  Object.assign(globalThis, globals);
  return (pinned.payableTestGpu ??= create([]));
}
