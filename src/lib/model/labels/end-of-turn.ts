// Where an answer ends: behind the first token at which the model stops. Words of users hold no such token, since they are guarded.

export interface StopWords {
  /** End of the first stop token in `text` between two places; null when there is none. */
  endWithin(text: string, from: number, to: number): number | null;
  /** End of a stop token that follows `at`, perhaps after white space; null when something else follows. */
  endBehind(text: string, at: number): number | null;
}

const SPACE = /\s{0,64}/y;

/** `stops` are the contents of tokens that end an answer. */
export function createStopWords(stops: readonly string[]): StopWords {
  const longestFirst = [...stops].filter((stop) => stop !== '').sort((a, b) => b.length - a.length);
  return {
    endWithin: (text, from, to) => {
      let best: { at: number; end: number } | null = null;
      for (const stop of longestFirst) {
        const at = text.indexOf(stop, from);
        const end = at + stop.length;
        if (at >= 0 && end <= to && (best === null || at < best.at)) best = { at, end };
      }
      return best?.end ?? null;
    },
    endBehind: (text, at) => {
      SPACE.lastIndex = at;
      const from = at + (SPACE.exec(text)?.[0].length ?? 0);
      const stop = longestFirst.find((one) => text.startsWith(one, from));
      return stop === undefined ? null : from + stop.length;
    },
  };
}
