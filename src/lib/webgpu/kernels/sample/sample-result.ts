// What the sampler leaves for each output row. It knows word offsets.

/** Most likely tokens a result can list. */
export const MAX_TOP = 20;

/**
 * Words of one result: token, log-probability (f32 bits), slot, 1 when a logit was not finite; then, as many as the slot asks
 * for, the most likely tokens before penalties, each with its log-probability, in falling order.
 */
export const RESULT = { token: 0, logprob: 1, slot: 2, broken: 3, top: 4, words: 4 + 2 * MAX_TOP } as const;
