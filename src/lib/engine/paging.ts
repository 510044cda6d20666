// Two small allocators: pages of the adapter pool (any page will do) and word ranges (contiguous, first fit).

export interface PagePool {
  readonly total: number;
  readonly free: number;
  /** Null when fewer than `count` are free; nothing is taken then. */
  take(count: number): number[] | null;
  give(pages: readonly number[]): void;
}

export function createPagePool(total: number): PagePool {
  const idle = Array.from({ length: total }, (_, i) => total - 1 - i);
  return {
    total,
    get free() {
      return idle.length;
    },
    take: (count) => (count > idle.length ? null : idle.splice(idle.length - count, count)),
    give: (pages) => void idle.push(...pages),
  };
}

export interface WordArena {
  /** Null when no gap is wide enough. */
  take(words: number): number | null;
  give(at: number): void;
}

export function createWordArena(total: number): WordArena {
  const used: { at: number; words: number }[] = [];
  return {
    take(words) {
      let at = 0;
      let index = 0;
      for (; index < used.length && used[index]!.at - at < words; index++) at = used[index]!.at + used[index]!.words;
      if (at + words > total) return null;
      used.splice(index, 0, { at, words });
      return at;
    },
    give(at) {
      const index = used.findIndex((range) => range.at === at);
      if (index >= 0) used.splice(index, 1);
    },
  };
}
