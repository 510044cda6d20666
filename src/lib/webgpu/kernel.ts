// What a kernel is: its bindings, its WGSL and the plain TypeScript that says what the WGSL must compute.
// It knows shapes and text; it knows no device.

/** How a binding is used. `uniform` is small and constant; `write` may also be read. */
export type Access = 'uniform' | 'read' | 'write';

/** One buffer seen as both of the types kernels use; both views share their bytes. */
export interface Memory {
  f32: Float32Array;
  u32: Uint32Array;
}

/** Compile-time constants of a kernel. Same kernel and same params means same program. */
export type KernelParams = Record<string, number | string | boolean>;

export interface Kernel<P extends KernelParams = KernelParams, B extends string = string> {
  readonly name: string;
  /** In binding order. At most 8 of them may be storage (`read` or `write`): the WebGPU default limit. */
  readonly bindings: Record<B, Access>;
  wgsl(params: P): string;
  /** The same result in nested loops. `groups` is what was dispatched, for kernels whose work it bounds. */
  reference(memory: Record<B, Memory>, params: P, groups: Groups): void;
}

/** A kernel whose binding names are inferred: `defineKernel<Params>()({ ... })`. */
export const defineKernel =
  <P extends KernelParams>() =>
  <B extends string>(kernel: Kernel<P, B>): Kernel<P, B> =>
    kernel;

/** Workgroup counts of a dispatch. */
export type Groups = readonly [x: number, y: number, z: number];

/** `const NAME: type = value;` lines from numbers: integers become u32, names ending in `_F` become f32. */
export function constants(values: Record<string, number>): string {
  return Object.entries(values)
    .map(([name, value]) =>
      name.endsWith('_F') ? `const ${name}: f32 = f32(${value});` : `const ${name}: u32 = ${value}u;`,
    )
    .join('\n');
}
