// The interface between the engine and a device that computes: buffers, programs, dispatches, read-backs.
// Two rooms stand behind it: `gpu-device.ts` (WebGPU) and `reference-device.ts` (plain TypeScript).

import type { Groups, Kernel, KernelParams } from './kernel.ts';

export interface DeviceBuffer {
  readonly label: string;
  readonly bytes: number;
  destroy(): void;
}

/** A compiled kernel: which one, and what for. */
export interface Program {
  readonly kernel: Kernel;
  readonly params: KernelParams;
}

/** `offset` and `bytes`: multiples of 4. */
export interface BufferPart {
  buffer: DeviceBuffer;
  offset: number;
  bytes: number;
}

/** A program with its buffers. Made once, dispatched many times. */
export interface Binding {
  readonly program: Program;
  /** By the names the kernel gives them. */
  readonly buffers: Readonly<Record<string, DeviceBuffer>>;
}

export interface Dispatch {
  binding: Binding;
  groups: Groups;
}

export interface DeviceCounters {
  bindGroups: number;
  writes: number;
  dispatches: number;
  submits: number;
  bufferBytes: number;
}

export interface Device {
  readonly kind: 'webgpu' | 'reference';
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly features: readonly string[];
  /** Largest buffer a kernel may see, in bytes. */
  readonly maxBindingBytes: number;
  /** True where one lane is one CPU lane: kernels then prefer few, long threads. */
  readonly software: boolean;
  /** Lanes of every subgroup; 0 where kernels may not use subgroups or their size varies. */
  readonly lanes: number;
  /** Most threads a workgroup may have: 256, or more where the device offers it. */
  readonly maxThreads: number;
  readonly counters: DeviceCounters;
  /** Resolves with a reason when the device is gone; never rejects. */
  readonly lost: Promise<string>;

  /** Zero-filled. `bytes` is rounded up to 16. */
  createBuffer(label: string, bytes: number): DeviceBuffer;
  write(buffer: DeviceBuffer, byteOffset: number, data: ArrayBufferView<ArrayBuffer>): void;
  read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<ArrayBuffer>;
  /** One behind the other, as they are when what was submitted before has run. */
  readParts(parts: readonly BufferPart[]): Promise<ArrayBuffer>;
  program<P extends KernelParams, B extends string>(kernel: Kernel<P, B>, params: P): Promise<Program>;
  bind(program: Program, buffers: Record<string, DeviceBuffer>): Binding;
  /** Runs the dispatches in order, in one pass. */
  submit(dispatches: readonly Dispatch[]): void;
  /** Runs the dispatches, then resolves with `bytes` of `source`; several may be in flight. */
  submitAndRead(dispatches: readonly Dispatch[], source: DeviceBuffer, bytes: number): Promise<ArrayBuffer>;
  /** Resolves when everything submitted has run. Throws what went wrong since the last check. */
  settle(): Promise<void>;
  /** Throws if the device failed or was lost; cheap enough for every step. */
  check(): void;
  /** The same device for work that may fail alone: where it finds no memory, or a command of its own is refused, the device stays usable. */
  isolated(): Device;
  dispose(): void;
}
