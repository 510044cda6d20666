// How single numbers of the cache and of adapters are stored.

export type ElementDtype = 'f32' | 'f16';

export const ELEMENT_BYTES: Record<ElementDtype, 2 | 4> = { f32: 4, f16: 2 };
