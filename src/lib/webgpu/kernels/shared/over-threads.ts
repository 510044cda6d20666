// How the threads of a workgroup bring together what each has of a row.

import source from './over-threads.wgsl?raw';

/** `fn over_threads(thread, value) -> Share`; `joined` is what two of them, `a` and `b`, come to. */
export const overThreads = (type: string, joined: string): string => `alias Share = ${type};
fn joined(a: Share, b: Share) -> Share {
  ${joined}
}
${source}`;

export const sumOverThreads = (type: 'f32' | 'vec2<f32>' | 'vec3<f32>'): string => overThreads(type, 'return a + b;');
