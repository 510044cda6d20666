// Blocks of the key-value cache: reference counts, and reuse of blocks whose tokens (and adapters) are the same.
// A block is found by its parent block and its tokens, compared in full, so a wrong hit is impossible.

/** From this block on, up to the next root, blocks depend on `root` besides their tokens and the blocks before. */
export interface BlockRoot {
  block: number;
  root: string;
}

export interface KvBlocks {
  readonly total: number;
  /** Blocks not in use, cached ones included. */
  readonly available: number;
  readonly cached: number;
  /** Blocks in use or cached. */
  readonly filled: number;
  /** How many blocks `match` would find. */
  count(roots: readonly BlockRoot[], tokens: readonly number[], most: number): number;
  /** Takes hold of the longest run of cached blocks that starts these tokens under `roots`. */
  match(roots: readonly BlockRoot[], tokens: readonly number[], most: number): number[];
  /** Null when fewer than `count` are available; nothing is taken then. */
  take(count: number): number[] | null;
  /** Offers full blocks for reuse. `blocks[i]` holds tokens [16 i, 16 i + 16). */
  publish(roots: readonly BlockRoot[], tokens: readonly number[], blocks: readonly number[]): void;
  release(blocks: readonly number[]): void;
}

interface Cached {
  key: string;
  serial: number;
}

export function createKvBlocks(total: number, blockTokens: number): KvBlocks {
  const holders = new Uint32Array(total);
  const free = Array.from({ length: total }, (_, i) => total - 1 - i);
  /** Cached blocks not in use, least recently used first. */
  const idle = new Set<number>();
  const cachedAs = new Map<number, Cached>();
  const byKey = new Map<string, number>();
  let serials = 0;

  /** `parent`: the serial of the block before. */
  const keyOf = (roots: readonly BlockRoot[], parent: number, tokens: readonly number[], i: number) => {
    const root = roots.find(({ block }) => block === i)?.root ?? '';
    return `${parent} ${root}:${tokens.slice(i * blockTokens, (i + 1) * blockTokens).join()}`;
  };
  const forget = (block: number) => {
    const cached = cachedAs.get(block);
    if (cached) byKey.delete(cached.key);
    cachedAs.delete(block);
    idle.delete(block);
  };

  const find = (roots: readonly BlockRoot[], tokens: readonly number[], most: number): number[] => {
    const blocks: number[] = [];
    let parent = 0;
    while (blocks.length < most) {
      const block = byKey.get(keyOf(roots, parent, tokens, blocks.length));
      if (block === undefined) break;
      blocks.push(block);
      parent = cachedAs.get(block)!.serial;
    }
    return blocks;
  };

  return {
    total,
    get available() {
      return free.length + idle.size;
    },
    get filled() {
      return total - free.length;
    },
    get cached() {
      return cachedAs.size;
    },
    count: (roots, tokens, most) => find(roots, tokens, most).length,
    match(roots, tokens, most) {
      const blocks = find(roots, tokens, most);
      for (const block of blocks) {
        holders[block]!++;
        idle.delete(block);
      }
      return blocks;
    },
    take(count) {
      if (count > free.length + idle.size) return null;
      return Array.from({ length: count }, () => {
        let block = free.pop();
        if (block === undefined) {
          block = idle.values().next().value!;
          forget(block);
        }
        holders[block] = 1;
        return block;
      });
    },
    publish(roots, tokens, blocks) {
      let parent = 0;
      for (const [i, block] of blocks.entries()) {
        if ((i + 1) * blockTokens > tokens.length) break;
        const key = keyOf(roots, parent, tokens, i);
        const known = byKey.get(key);
        if (known === undefined && !cachedAs.has(block)) {
          byKey.set(key, block);
          cachedAs.set(block, { key, serial: ++serials });
        }
        const next = known ?? block;
        if (cachedAs.get(next)?.key !== key) break;
        parent = cachedAs.get(next)!.serial;
      }
    },
    release(blocks) {
      for (const block of blocks) {
        if (--holders[block]! > 0) continue;
        if (cachedAs.has(block)) idle.add(block);
        else free.push(block);
      }
    },
  };
}
