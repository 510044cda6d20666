// The engine's host in tests: folders from disk, the clock of the process, one date, a silent log.

import { openFixture } from './fixtures.ts';
import type { PrefixStore } from '#lib/engine/prefix-store.ts';
import type { Host } from '#lib/engine/host.ts';

export function testHost(gpu: GPU | null, prefixes?: PrefixStore): Host {
  return {
    gpu,
    ...(prefixes && { prefixes }),
    openFolder(ref) {
      if (ref.kind !== 'directory') throw new Error(`tests open directories, not ${ref.kind}`);
      return openFixture(ref.path);
    },
    now: () => performance.now(),
    today: () => new Date(2026, 10, 30, 9, 5, 7),
    log: () => undefined,
  };
}
