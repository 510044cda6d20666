// A device as borrowed by one part of the engine: failures of this part stay with it, and its end frees its buffers and refuses all
// further calls. Other work on the device goes on.

import type { Device, DeviceBuffer } from './device.ts';

export interface BorrowedDevice extends Device {
  /** Of buffers that are alive. */
  readonly ownBytes: number;
  /** Frees all that was made here. Every later call throws `reason`. */
  end(reason: Error): void;
}

/** `dispose` does nothing: the device belongs to the lender. */
export function borrowDevice(device: Device): BorrowedDevice {
  const own = device.isolated();
  const buffers = new Set<DeviceBuffer>();
  let ended: Error | null = null;
  let ownBytes = 0;
  const check = () => {
    if (ended) throw ended;
    own.check();
  };
  const checked =
    <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
    (...args: Args): Result => {
      check();
      return work(...args);
    };
  /** Buffers may be freed while they are read: the result is dropped then. */
  const checkedRead =
    <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      check();
      const result = await work(...args);
      check();
      return result;
    };
  return {
    ...own,
    isolated: () => device.isolated(),
    get ownBytes() {
      return ownBytes;
    },
    createBuffer(label, bytes) {
      check();
      const buffer = own.createBuffer(label, bytes);
      const { destroy } = buffer;
      buffers.add(buffer);
      ownBytes += buffer.bytes;
      return Object.assign(buffer, {
        destroy() {
          if (buffers.delete(buffer)) ownBytes -= buffer.bytes;
          destroy();
        },
      });
    },
    write: checked(own.write),
    read: checkedRead(own.read),
    readParts: checkedRead(own.readParts),
    bind: checked(own.bind),
    submit: checked(own.submit),
    submitAndRead: checkedRead(own.submitAndRead),
    settle: checkedRead(own.settle),
    check,
    dispose: () => undefined,
    end(reason) {
      ended ??= reason;
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
