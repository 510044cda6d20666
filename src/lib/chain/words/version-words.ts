// A model version as contracts pass it, `model << 32 | version`, in words.

import { shortNumber } from './short-words.ts';

export const versionWords = (packed: bigint): string => `model ${shortNumber(packed >> 32n)} v${packed & 0xffff_ffffn}`;
