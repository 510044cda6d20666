// A device that allocates nothing and computes nothing: it counts. What is built on it tells how much memory the same would take on
// a real device.

import type { Device, DeviceCounters } from './device.ts';

export interface MeasuringDevice extends Device {
  /** The largest buffer that a real device with the same limit would refuse; null where it would refuse none. */
  readonly refused: { label: string; bytes: number } | null;
}

export function createMeasuringDevice({ maxBindingBytes }: Pick<Device, 'maxBindingBytes'>): MeasuringDevice {
  const counters: DeviceCounters = { bindGroups: 0, writes: 0, dispatches: 0, submits: 0, bufferBytes: 0 };
  let refused: MeasuringDevice['refused'] = null;
  const empty = (_: unknown, __: unknown, bytes: number) => Promise.resolve(new ArrayBuffer(bytes));
  const device: MeasuringDevice = {
    kind: 'reference',
    vendor: 'none',
    architecture: 'none',
    description: 'counts memory',
    features: [],
    maxBindingBytes,
    software: true,
    lanes: 0,
    maxThreads: 256,
    counters,
    lost: new Promise(() => undefined),
    get refused() {
      return refused;
    },
    createBuffer(label, bytes) {
      const size = Math.max(16, Math.ceil(bytes / 16) * 16);
      if (size > maxBindingBytes && size > (refused?.bytes ?? 0)) refused = { label, bytes: size };
      counters.bufferBytes += size;
      let isAlive = true;
      return {
        label,
        bytes: size,
        destroy() {
          if (isAlive) counters.bufferBytes -= size;
          isAlive = false;
        },
      };
    },
    write: () => undefined,
    read: empty,
    readParts: () => Promise.resolve(new ArrayBuffer(0)),
    program: (kernel, params) => Promise.resolve({ kernel, params }),
    bind: (program, buffers) => ({ program, buffers }),
    submit: () => undefined,
    submitAndRead: empty,
    settle: () => Promise.resolve(),
    check: () => undefined,
    isolated: () => device,
    dispose: () => undefined,
  };
  return device;
}
