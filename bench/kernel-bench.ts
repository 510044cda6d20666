// Measures each kernel of a decode step separately: repeats the step's own dispatches with their own buffers, grouped by kernel
// and size. Covers every dispatch of the decoder without a list of kernels. Prints nothing.

import { PayableError } from '#lib/core/errors.ts';
import { GROUP, type WeightDtype } from '#lib/core/tensor.ts';
import { createSession, type Session } from '#lib/engine/session.ts';
import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { kvVectorBytes } from '#lib/webgpu/kernels/shared/kv.ts';
import { VECTORS_PER_GROUP } from '#lib/webgpu/matrix.ts';
import { decodeStep } from './decode-step.ts';
import { createRandomAdapter, createRandomModel, type RandomShape } from './random-model.ts';

export interface KernelBenchOptions {
  device: Device;
  shape: RandomShape;
  dtype: WeightDtype;
  /** Sequences of the step, one row each. */
  rows: number;
  /** Tokens of each sequence before the step. */
  depth: number;
  /** Rank of one adapter on every projection; 0 for none. */
  rank: number;
  /** Name of one kernel; by default all are measured. */
  only?: string | undefined;
  /** Least number of dispatches per submit. */
  dispatches: number;
  /** Number of submits that the median is taken of. */
  repetitions: number;
  now(): number;
  signal?: AbortSignal;
}

export class NoSuchKernelError extends PayableError {
  constructor(name: string, known: readonly string[]) {
    super('bench/no-such-kernel', `A decode step of this model runs no kernel "${name.slice(0, 40)}".`, {
      hint: `It runs ${known.join(', ')}.`,
    });
  }
}

/** The dispatches of one kernel over buffers of one size. */
export interface KernelBenchRow {
  kernel: string;
  /** The matrix that it reads; empty if none. */
  matrix: string;
  /** Dispatches per step. */
  dispatches: number;
  /** Time of one dispatch. */
  microseconds: number;
  /**
   * Bytes that a dispatch must read and write once: weights, activations, keys and values; without adapters, norms and step
   * state. A rate above the memory's speed means that caches served it.
   */
  bytesMoved: number;
  gigabytesPerSecond: number;
  /** Null when arithmetic does not limit the kernel. */
  gigaflops: number | null;
  /** Share of the total measured time. */
  share: number;
}

/** @throws NoSuchKernelError, AbortedError, GpuMemoryError, GpuLostError */
export async function benchKernels(options: KernelBenchOptions): Promise<KernelBenchRow[]> {
  const { device, shape, dtype, rows, depth, rank, only, signal, now } = options;
  const session = await createSession({
    ...{ device, folder: createRandomModel(shape), now, signal },
    request: { model: { kind: 'url', url: shape.name }, dtype, contextLength: depth + 1, maxSequences: rows },
    today: () => new Date(0),
    onProgress: () => undefined,
  });
  try {
    const adapters: string[] = [];
    if (rank > 0) adapters.push((await session.adapters.register(createRandomAdapter(shape, rank, 1), signal)).id);
    const step = await decodeStep(session, { rows, depth, adapters });
    const names = [...new Set(step.map(nameOf))];
    if (only !== undefined && !names.includes(only)) throw new NoSuchKernelError(only, names);
    // Run the step once, so that every buffer holds its values.
    device.submit(step);
    await device.settle();
    const measured: Omit<KernelBenchRow, 'share'>[] = [];
    for (const group of groupsOf(only === undefined ? step : step.filter((one) => nameOf(one) === only))) {
      signal?.throwIfAborted();
      const [first] = group;
      const microseconds = (await millisecondsOf(group, options)) * 1e3;
      const moved = bytesMoved(first, session, { rows, depth });
      const operations = operationsOf(first, rows);
      measured.push({
        kernel: nameOf(first),
        matrix: matrixOf(first),
        dispatches: group.length,
        microseconds,
        bytesMoved: moved,
        gigabytesPerSecond: moved / microseconds / 1e3,
        gigaflops: operations && operations / microseconds / 1e3,
      });
    }
    const sum = measured.reduce((all, row) => all + row.dispatches * row.microseconds, 0);
    return measured.map((row) => ({ ...row, share: (row.dispatches * row.microseconds) / sum }));
  } finally {
    session.dispose(new Error('The kernels are measured.'));
  }
}

type Group = [Dispatch, ...Dispatch[]];

/** Dispatches that do the same work in different layers. */
function groupsOf(step: readonly Dispatch[]): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const dispatch of step) {
    const { program, buffers } = dispatch.binding;
    const sizes = Object.values(buffers).map(({ bytes }) => bytes);
    const key = JSON.stringify([program.kernel.name, program.params, dispatch.groups, matrixOf(dispatch), sizes]);
    const group = groups.get(key);
    if (group) group.push(dispatch);
    else groups.set(key, [dispatch]);
  }
  return groups.values();
}

/** Median time of one dispatch of the group. */
async function millisecondsOf(group: Group, { device, dispatches, repetitions, now }: KernelBenchOptions) {
  // In layer order like a real step, so that caches help no more than they do there.
  const batch = Array.from({ length: Math.ceil(dispatches / group.length) }, () => group).flat();
  const run = async () => {
    const started = now();
    device.submit(batch);
    await device.settle();
    return (now() - started) / batch.length;
  };
  await run();
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) times.push(await run());
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

const nameOf = ({ binding }: Dispatch): string => binding.program.kernel.name;

const matrixOf = ({ binding: { buffers } }: Dispatch): string =>
  (buffers['weights']?.label ?? '').replace(/^layer \d+ | weights$/g, '');

function bytesMoved(
  { binding: { program, buffers } }: Dispatch,
  { architecture: a, sizes }: Session,
  { rows, depth }: { rows: number; depth: number },
): number {
  const { name } = program.kernel;
  const vector = kvVectorBytes(sizes.kvDtype, a.headDim);
  const tokenBytes = 2 * a.kvHeads * (vector.elements + vector.scale);
  const share = ([binding, { bytes, label }]: [string, DeviceBuffer]): number => {
    switch (binding) {
      case 'weights':
      case 'scales':
        return name === 'linear' ? bytes : (bytes / a.vocab) * rows;
      case 'kv':
        return tokenBytes * rows * (name === 'attention' ? depth + 1 : 1);
      case 'logits':
      case 'counts':
        return 4 * a.vocab * rows;
      case 'x':
      case 'y':
      case 'h':
      case 'q':
      case 'o':
        return (bytes / (label === 'logits' ? sizes.maxOutputs : sizes.maxRows)) * rows;
      default:
        return 0;
    }
  };
  return Object.entries(buffers).reduce((sum, buffer) => sum + share(buffer), 0);
}

/** Multiplications and additions of a matrix product. */
function operationsOf({ binding: { program, buffers } }: Dispatch, rows: number): number | null {
  if (program.kernel.name !== 'linear') return null;
  const groups = buffers['weights']!.bytes / (VECTORS_PER_GROUP[program.params['dtype'] as WeightDtype] * 16);
  return 2 * groups * GROUP * rows;
}
