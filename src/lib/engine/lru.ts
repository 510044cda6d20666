// Order of last use, in constant time: touch an item, remove one, read the one whose last use is longest ago.
// A linked list, because the first live key of a Map is found only by passing every deleted one.

export interface Lru<T> {
  readonly size: number;
  /** Null when empty. */
  readonly oldest: T | null;
  /** Adds the item, or makes it the most recently used. */
  touch(item: T): void;
  /** True when it was there. */
  remove(item: T): boolean;
}

interface Node<T> {
  item: T;
  older: Node<T> | null;
  newer: Node<T> | null;
}

export function createLru<T>(): Lru<T> {
  const nodes = new Map<T, Node<T>>();
  let oldest: Node<T> | null = null;
  let newest: Node<T> | null = null;

  const remove = (item: T): boolean => {
    const node = nodes.get(item);
    if (!node) return false;
    nodes.delete(item);
    if (node.older) node.older.newer = node.newer;
    else oldest = node.newer;
    if (node.newer) node.newer.older = node.older;
    else newest = node.older;
    return true;
  };

  return {
    get size() {
      return nodes.size;
    },
    get oldest() {
      return oldest?.item ?? null;
    },
    touch(item) {
      remove(item);
      const node: Node<T> = { item, older: newest, newer: null };
      if (newest) newest.newer = node;
      else oldest = node;
      newest = node;
      nodes.set(item, node);
    },
    remove,
  };
}
