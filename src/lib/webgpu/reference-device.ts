// The device that needs no GPU: runs every kernel's plain TypeScript over ordinary memory.
// The yardstick for the WebGPU kernels, and what machines without a GPU fall back to when asked to.

import { GpuMemoryError, GpuValidationError } from './errors.ts';
import type { Binding, Device, DeviceBuffer, DeviceCounters, Dispatch } from './device.ts';
import type { Groups, Kernel, KernelParams, Memory } from './kernel.ts';

interface HostBuffer extends DeviceBuffer, Memory {}

interface HostBinding extends Binding {
  run(groups: Groups): void;
}

const NEVER = new Promise<string>(() => undefined);

/** @example const device = createReferenceDevice(); */
export function createReferenceDevice(): Device {
  const counters: DeviceCounters = { bindGroups: 0, writes: 0, dispatches: 0, submits: 0, bufferBytes: 0 };
  const memoryOf = (buffer: DeviceBuffer) => buffer as HostBuffer;

  const device: Device = {
    kind: 'reference',
    vendor: 'none',
    architecture: 'typescript',
    description: 'reference kernels in plain TypeScript',
    features: [],
    maxBindingBytes: 2 ** 31,
    software: true,
    lanes: 0,
    maxThreads: 256,
    counters,
    lost: NEVER,

    createBuffer(label, bytes) {
      const size = Math.max(16, Math.ceil(bytes / 16) * 16);
      const storage = allocate(label, size);
      counters.bufferBytes += size;
      let alive = true;
      const buffer: HostBuffer = {
        label,
        bytes: size,
        f32: new Float32Array(storage),
        u32: new Uint32Array(storage),
        destroy() {
          if (alive) counters.bufferBytes -= size;
          alive = false;
        },
      };
      return buffer;
    },
    write(buffer, byteOffset, data) {
      counters.writes++;
      const target = memoryOf(buffer);
      new Uint8Array(target.u32.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), byteOffset);
    },
    read(buffer, byteOffset, bytes) {
      return Promise.resolve(memoryOf(buffer).u32.buffer.slice(byteOffset, byteOffset + bytes) as ArrayBuffer);
    },
    readParts(parts) {
      const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes, 0));
      let at = 0;
      for (const part of parts) {
        bytes.set(new Uint8Array(memoryOf(part.buffer).u32.buffer, part.offset, part.bytes), at);
        at += part.bytes;
      }
      return Promise.resolve(bytes.buffer);
    },
    program<P extends KernelParams, B extends string>(kernel: Kernel<P, B>, params: P) {
      return Promise.resolve({ kernel: kernel, params });
    },
    bind(program, buffers) {
      counters.bindGroups++;
      const { kernel, params } = program;
      const memory: Record<string, Memory> = {};
      for (const name of Object.keys(kernel.bindings)) {
        const buffer = buffers[name];
        if (!buffer) throw new GpuValidationError(`kernel ${kernel.name} needs a buffer for ${name}.`);
        memory[name] = memoryOf(buffer);
      }
      const bound: HostBinding = { program, buffers, run: (groups) => kernel.reference(memory, params, groups) };
      return bound;
    },
    submit(dispatches) {
      counters.submits++;
      counters.dispatches += dispatches.length;
      for (const { binding, groups } of dispatches) (binding as HostBinding).run(groups);
    },
    async submitAndRead(dispatches: readonly Dispatch[], source, bytes) {
      device.submit(dispatches);
      const result = device.read(source, 0, bytes);
      // A GPU answers asynchronously; so does this device, or a long run would block the thread.
      await new Promise((resolve) => setTimeout(resolve));
      return result;
    },
    async settle() {},
    check() {},
    isolated: () => device,
    dispose() {},
  };
  return device;
}

function allocate(label: string, bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw new GpuMemoryError(`${label} needs ${(bytes / 2 ** 20).toFixed(1)} MiB`, cause);
  }
}
