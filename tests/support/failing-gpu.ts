// A real GPU that fails on demand: a lost device, a failed allocation, a refused command. The engine sees each failure as WebGPU
// reports it; no part of the engine is replaced.

import { testGpu } from './gpu.ts';

export interface FailingGpu {
  gpu: GPU;
  /** Devices opened so far. */
  readonly opened: number;
  /** Destroys the device in use. */
  lose(): Promise<void>;
  /** The next request for a device is refused. */
  refuseDevices(refused: boolean): void;
  /** Allocations of buffers whose label matches fail. */
  starve(label: RegExp | null): void;
  /** From now on the device refuses every submit. */
  refuseSubmits(): void;
}

export function failingGpu(): FailingGpu {
  const gpu = testGpu();
  let device: GPUDevice | null = null;
  let opened = 0;
  let starved: RegExp | null = null;
  let noDevices = false;

  const watch = (raw: GPUDevice): GPUDevice => {
    const createBuffer = raw.createBuffer.bind(raw);
    const popErrorScope = raw.popErrorScope.bind(raw);
    let short = false;
    raw.createBuffer = (descriptor) => {
      if (!starved?.test(descriptor.label ?? '')) return createBuffer(descriptor);
      short = true;
      // Like WebGPU without memory: an invalid buffer.
      raw.pushErrorScope('validation');
      const invalid = createBuffer({ ...descriptor, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE });
      void popErrorScope();
      return invalid;
    };
    raw.popErrorScope = async () => {
      const isShort = short;
      short = false;
      const error = await popErrorScope();
      return isShort ? new GPUOutOfMemoryError('not enough memory left') : error;
    };
    return raw;
  };
  return {
    gpu: {
      requestAdapter: async (options?: GPURequestAdapterOptions) => {
        const adapter = (await gpu.requestAdapter(options))!;
        const request = adapter.requestDevice.bind(adapter);
        adapter.requestDevice = async (descriptor) => {
          if (noDevices) throw new DOMException('no device today', 'OperationError');
          opened++;
          return (device = watch(await request(descriptor)));
        };
        return adapter;
      },
    } as GPU,
    get opened() {
      return opened;
    },
    async lose() {
      device!.destroy();
      await device!.lost;
    },
    refuseDevices(refused) {
      noDevices = refused;
    },
    starve(label) {
      starved = label;
    },
    refuseSubmits() {
      const { queue } = device!;
      const submit = queue.submit.bind(queue);
      const raw = device!;
      queue.submit = () => {
        const encoder = raw.createCommandEncoder();
        const tiny = raw.createBuffer({ size: 4, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
        encoder.copyBufferToBuffer(tiny, 0, tiny, 0, 4);
        return submit([encoder.finish()]);
      };
    },
  };
}
