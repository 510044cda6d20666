// Which long prompts have their rotations on the GPU, in models whose rotation depends on the length of the prompt: a few at a time,
// prompts of one length together. It knows lengths and places; the angles are `model/decoder/rope-angles.ts`.

import type { RopeAngles } from '#lib/model/decoder/rope-angles.ts';

export interface PromptAngles {
  /** Where the rotations of a prompt of `length` tokens begin; null while every place is taken. Given back by `release`. */
  take(length: number): number | null;
  release(length: number): void;
  /** What distinguishes cached keys of such prompts from others. */
  keyOf(length: number): string;
}

export function createPromptAngles(angles: RopeAngles): PromptAngles {
  const places = Array.from({ length: angles.places }, () => ({ length: 0, at: 0, holders: 0 }));
  const needsNone = (length: number) => angles.places === 0 || length <= angles.freeLength;
  return {
    take(length) {
      if (needsNone(length)) return 0;
      const known = places.find((place) => place.length === length);
      const place = known ?? places.find(({ holders }) => holders === 0);
      if (!place) return null;
      if (place !== known) {
        place.length = length;
        place.at = angles.write(places.indexOf(place), length);
      }
      place.holders++;
      return place.at;
    },
    release(length) {
      if (!needsNone(length)) places.find((place) => place.length === length)!.holders--;
    },
    keyOf: (length) => (needsNone(length) ? '' : `of ${length} `),
  };
}
