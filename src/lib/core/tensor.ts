// Element types of tensors: as files hold them and as the GPU keeps weights. It knows sizes, not storage.

/** Element types a weight file may hold. */
export const FILE_DTYPES = ['F32', 'F16', 'BF16'] as const;

export type FileDtype = (typeof FILE_DTYPES)[number];

/** How weights are kept on the GPU. Quantised forms share one f16 scale among 32 neighbours of a row. */
export type WeightDtype = 'f32' | 'f16' | 'q8' | 'q4';

/** Weights per quantisation group; rows are padded to a multiple of it in every form. */
export const GROUP = 32;
