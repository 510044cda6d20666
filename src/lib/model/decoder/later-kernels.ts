// Kernels that a decoder can do without until they are compiled: those for steps of several rows, which steps of one row have a
// slower substitute for. Parts of the decoder add them while they are made; the owner of the decoder compiles, tests and uses them.

import type { Program } from '#lib/webgpu/device.ts';

export interface LaterKernel {
  program: Program;
  /** Puts it in place of its substitute; nothing in between can run. */
  use(): void;
}

export interface LaterKernels {
  /** False once they are all in use: what is made after that compiles its kernels at once. */
  readonly isOpen: boolean;
  add(compile: () => Promise<LaterKernel>): void;
  /** Until none is left, compiles all there are, at once, has them judged, and uses them. */
  finish(judge: (programs: readonly Program[]) => Promise<void>): Promise<void>;
}

export function createLaterKernels(): LaterKernels {
  const waiting: (() => Promise<LaterKernel>)[] = [];
  let isOpen = true;
  return {
    get isOpen() {
      return isOpen;
    },
    add: (compile) => void waiting.push(compile),
    async finish(judge) {
      // An adapter with a head of its own may add more meanwhile.
      while (waiting.length > 0) {
        const kernels = await Promise.all(waiting.splice(0).map((compile) => compile()));
        await judge([...new Set(kernels.map(({ program }) => program))]);
        for (const { use } of kernels) use();
      }
      isOpen = false;
    },
  };
}
