// Whether the chain at hand answers, for every page at once: it is said in one place, and asked again by itself.

class Reach {
  /** By the number of the chain: when it is asked again, in milliseconds since 1970. */
  #silent: Record<number, number | null> = $state({});
  readonly #askNow = new Map<number, () => void>();

  isLost(chainId: number): boolean {
    return (this.#silent[chainId] ?? null) !== null;
  }
  note(chainId: number, untilMs: number | null) {
    this.#silent[chainId] = untilMs;
  }
  watch(chainId: number, askNow: () => void) {
    this.#askNow.set(chainId, askNow);
  }
  askNow(chainId: number) {
    this.#askNow.get(chainId)?.();
  }
}

export const reach = new Reach();
