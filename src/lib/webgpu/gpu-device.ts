// The WebGPU device: compiles kernels once, keeps bind groups, keeps read-backs in flight, turns GPU errors into words.
// It knows GPUDevice and nothing of models. The caller keeps the GPU object alive.

import type { Binding, BufferPart, Device, DeviceBuffer, DeviceCounters, Dispatch, Program } from './device.ts';
import { GpuLostError, GpuMemoryError, GpuUnavailableError, GpuValidationError } from './errors.ts';
import type { Access, Kernel, KernelParams } from './kernel.ts';

export interface GpuDeviceOptions {
  /** `default`: ask for no feature and no limit beyond what every WebGPU device must have. */
  limits: 'default' | 'best';
}

interface GpuBuffer extends DeviceBuffer {
  raw: GPUBuffer;
}

interface GpuProgram extends Program {
  pipeline: GPUComputePipeline;
}

interface GpuBinding extends Binding {
  group: GPUBindGroup;
  pipeline: GPUComputePipeline;
}

const WANTED_FEATURES: GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** @throws GpuUnavailableError when the platform has no usable adapter. */
export async function createGpuDevice(gpu: GPU, options: GpuDeviceOptions): Promise<Device> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new GpuUnavailableError('This browser or driver offers no WebGPU adapter.');
  const best = options.limits === 'best';
  const features = best ? WANTED_FEATURES.filter((feature) => adapter.features.has(feature)) : [];
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = adapter.limits;
  const threads = { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX };
  let raw: GPUDevice;
  try {
    raw = await adapter.requestDevice({
      requiredFeatures: features,
      requiredLimits: best ? { maxStorageBufferBindingSize, maxBufferSize, ...threads } : {},
    });
  } catch (cause) {
    throw new GpuUnavailableError('The WebGPU adapter would not open a device.', cause);
  }
  return wrapDevice(raw, adapter, features);
}

function wrapDevice(raw: GPUDevice, adapter: GPUAdapter, features: readonly string[]): Device {
  const counters: DeviceCounters = { bindGroups: 0, writes: 0, dispatches: 0, submits: 0, bufferBytes: 0 };
  const programs = new Map<string, Promise<GpuProgram>>();
  const idleReadbacks: GPUBuffer[] = [];
  const { vendor, architecture, description, subgroupMinSize, subgroupMaxSize } = adapter.info;
  const maxBindingBytes = Math.min(raw.limits.maxStorageBufferBindingSize, raw.limits.maxBufferSize);
  let disposed = false;

  /** Resolves when it is known of every allocation so far whether it found memory. */
  let allocations: Promise<unknown> = Promise.resolve();

  const faultsOfAll = createFaults(null);
  const refused = async (error: GPUError, { fail }: Faults) => {
    // A buffer that found no memory makes commands invalid; it explains them, so it is heard first.
    await allocations;
    fail(
      error instanceof GPUOutOfMemoryError ? new GpuMemoryError(error.message) : new GpuValidationError(error.message),
    );
  };
  raw.addEventListener('uncapturederror', ({ error }) => void refused(error, faultsOfAll));
  const lost = raw.lost.then(({ message }) => {
    if (!disposed) faultsOfAll.fail(new GpuLostError(message));
    return message;
  });

  const takeReadback = (bytes: number): GPUBuffer => {
    const index = idleReadbacks.findIndex((buffer) => buffer.size >= bytes && buffer.size <= bytes * 2);
    if (index >= 0) return idleReadbacks.splice(index, 1)[0]!;
    return raw.createBuffer({
      label: 'read-back',
      size: bytes,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
  };
  const giveBack = (buffer: GPUBuffer) => {
    if (idleReadbacks.length < 8) idleReadbacks.push(buffer);
    else buffer.destroy();
  };

  const encode = (encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]) => {
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | null = null;
    for (const { binding, groups } of dispatches) {
      const { pipeline, group } = binding as GpuBinding;
      if (pipeline !== current) pass.setPipeline((current = pipeline));
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(groups[0], groups[1], groups[2]);
    }
    pass.end();
    counters.dispatches += dispatches.length;
    counters.submits++;
  };

  const readInto = async (encoder: GPUCommandEncoder, parts: readonly BufferPart[], faults: Faults) => {
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const size = Math.ceil(bytes / 4) * 4;
    const readback = takeReadback(size);
    let at = 0;
    for (const part of parts) {
      const length = Math.ceil(part.bytes / 4) * 4;
      encoder.copyBufferToBuffer((part.buffer as GpuBuffer).raw, part.offset, readback, at, length);
      at += length;
    }
    // A refused submit leaves old bytes in the read-back. Its error is awaited with them, so that they are never believed.
    raw.pushErrorScope('validation');
    raw.queue.submit([encoder.finish()]);
    const refusal = raw.popErrorScope().then((error) => error && refused(error, faults));
    try {
      await Promise.all([readback.mapAsync(GPUMapMode.READ, 0, size), refusal]);
    } catch (cause) {
      faults.check();
      throw new GpuLostError(cause instanceof Error ? cause.message : 'the read-back was aborted');
    }
    const copy = readback.getMappedRange(0, size).slice(0, bytes);
    readback.unmap();
    giveBack(readback);
    faults.check();
    return copy;
  };

  /** `isIsolated`: each of its commands has an error scope, so that errors go to `faults` alone. */
  const deviceWith = (faults: Faults, isIsolated: boolean): Device => {
    const { fail, check } = faults;
    /** Resolves when it is known of every command so far whether it was refused. */
    let verdicts: Promise<unknown> = Promise.resolve();
    const judged = <T>(command: () => T): T => {
      if (!isIsolated) return command();
      raw.pushErrorScope('validation');
      try {
        return command();
      } finally {
        const verdict = raw.popErrorScope().then(
          (error) => error && refused(error, faults),
          // A lost device has no verdicts; the loss itself is reported by `lost`.
          () => undefined,
        );
        verdicts = Promise.all([verdicts, verdict]);
      }
    };
    return {
      kind: 'webgpu',
      vendor,
      architecture,
      description,
      features,
      maxBindingBytes,
      software: /swiftshader|llvmpipe|lavapipe|warp/i.test(
        `${vendor} ${architecture} ${description} ${adapter.info.device}`,
      ),
      lanes: features.includes('subgroups') && subgroupMinSize === subgroupMaxSize ? subgroupMinSize : 0,
      maxThreads: Math.min(raw.limits.maxComputeInvocationsPerWorkgroup, raw.limits.maxComputeWorkgroupSizeX),
      counters,
      lost,
      check,

      createBuffer(label, bytes) {
        check();
        const size = Math.max(16, Math.ceil(bytes / 16) * 16);
        const mib = (count: number) => `${(count / 2 ** 20).toFixed(1)} MiB`;
        if (size > maxBindingBytes) {
          throw new GpuMemoryError(
            `${label} needs ${mib(size)}, the device allows ${mib(maxBindingBytes)} in one piece`,
          );
        }
        const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
        raw.pushErrorScope('out-of-memory');
        const buffer = raw.createBuffer({ label, size, usage: size <= 256 ? usage | GPUBufferUsage.UNIFORM : usage });
        const judged = raw.popErrorScope().then((error) => {
          if (error) fail(new GpuMemoryError(`${label} needs ${mib(size)}`, error));
        }, fail);
        allocations = Promise.all([allocations, judged]);
        counters.bufferBytes += size;
        let alive = true;
        const result: GpuBuffer = {
          label,
          bytes: size,
          raw: buffer,
          destroy() {
            if (!alive) return;
            alive = false;
            counters.bufferBytes -= size;
            buffer.destroy();
          },
        };
        return result;
      },
      write(buffer, byteOffset, data) {
        counters.writes++;
        const { buffer: bytes, byteOffset: from, byteLength: length } = data;
        judged(() => raw.queue.writeBuffer((buffer as GpuBuffer).raw, byteOffset, bytes, from, length));
      },
      read(buffer, byteOffset, bytes) {
        check();
        return readInto(raw.createCommandEncoder(), [{ buffer, offset: byteOffset, bytes }], faults);
      },
      readParts(parts) {
        check();
        return readInto(raw.createCommandEncoder(), parts, faults);
      },
      program<P extends KernelParams, B extends string>(kernel: Kernel<P, B>, params: P) {
        const key = `${kernel.name} ${JSON.stringify(params)}`;
        let program = programs.get(key);
        if (!program) programs.set(key, (program = compile(raw, kernel, params)));
        return program;
      },
      bind(program, buffers) {
        check();
        counters.bindGroups++;
        const { pipeline, kernel } = program as GpuProgram;
        const entries = Object.keys(kernel.bindings).map((name, binding): GPUBindGroupEntry => {
          const buffer = buffers[name];
          if (!buffer) throw new GpuValidationError(`kernel ${kernel.name} needs a buffer for ${name}.`);
          return { binding, resource: { buffer: (buffer as GpuBuffer).raw } };
        });
        const layout = pipeline.getBindGroupLayout(0);
        const group = judged(() => raw.createBindGroup({ label: kernel.name, layout, entries }));
        const bound: GpuBinding = { program, buffers, group, pipeline };
        return bound;
      },
      submit(dispatches) {
        check();
        judged(() => {
          const encoder = raw.createCommandEncoder();
          encode(encoder, dispatches);
          raw.queue.submit([encoder.finish()]);
        });
      },
      submitAndRead(dispatches, source, bytes) {
        check();
        const encoder = raw.createCommandEncoder();
        judged(() => encode(encoder, dispatches));
        return readInto(encoder, [{ buffer: source, offset: 0, bytes }], faults);
      },
      async settle() {
        await Promise.all([raw.queue.onSubmittedWorkDone(), allocations, verdicts]);
        check();
      },
      isolated: () => deviceWith(createFaults(faultsOfAll), true),
      dispose() {
        disposed = true;
        for (const buffer of idleReadbacks.splice(0)) buffer.destroy();
        raw.destroy();
      },
    };
  };
  return deviceWith(faultsOfAll, false);
}

/** What went wrong first, of one user of the device. */
interface Faults {
  fail(error: Error): void;
  check(): void;
}

/** `all`: those of the device, which concern each of its users. */
function createFaults(all: Faults | null): Faults {
  let failure: Error | null = null;
  return {
    fail(error) {
      failure ??= error;
    },
    check() {
      all?.check();
      if (failure) throw failure;
    },
  };
}

async function compile<P extends KernelParams, B extends string>(
  device: GPUDevice,
  kernel: Kernel<P, B>,
  params: P,
): Promise<GpuProgram> {
  const code = kernel.wgsl(params);
  const module = device.createShaderModule({ label: kernel.name, code });
  const bindings = Object.values<Access>(kernel.bindings);
  // An explicit layout, because a binding a variant does not touch would vanish from an automatic one.
  const layout = device.createBindGroupLayout({
    label: kernel.name,
    entries: bindings.map((access, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === 'uniform' ? 'uniform' : access === 'read' ? 'read-only-storage' : 'storage' },
    })),
  });
  try {
    const pipeline = await device.createComputePipelineAsync({
      label: kernel.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
    return { kernel: kernel as unknown as Kernel, params, pipeline };
  } catch (cause) {
    const { messages } = await module.getCompilationInfo();
    const lines = code.split('\n');
    const first = messages.find(({ type }) => type === 'error');
    const where = first ? ` line ${first.lineNum}: ${first.message} | ${lines[first.lineNum - 1]?.trim()}` : '';
    throw new GpuValidationError(`kernel ${kernel.name} does not compile.${where}`, cause);
  }
}
