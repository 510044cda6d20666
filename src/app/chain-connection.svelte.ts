// Which chains cannot be reached at the moment, for every page at once. The transport retries by itself; a page may retry now.

class ChainConnection {
  /** By chain id: the time of the next try, in milliseconds since 1970. Null when the chain answers. */
  #retryAtMs: Record<number, number | null> = $state({});
  readonly #retry = new Map<number, () => void>();

  isLost(chainId: number): boolean {
    return (this.#retryAtMs[chainId] ?? null) !== null;
  }
  /** Null: the chain answers again. */
  setRetryTime(chainId: number, retryAtMs: number | null) {
    this.#retryAtMs[chainId] = retryAtMs;
  }
  onRetry(chainId: number, retry: () => void) {
    this.#retry.set(chainId, retry);
  }
  /** Lets the next request go out at once. */
  retry(chainId: number) {
    this.#retry.get(chainId)?.();
  }
}

export const chainConnection = new ChainConnection();
