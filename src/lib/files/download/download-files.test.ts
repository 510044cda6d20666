// Downloads over a store that can be killed: what is kept, what is fetched again, and what is refused.

import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { createDisk, createMemoryChunkStore, type Disk } from '#tests/support/memory-chunk-store.ts';
import { sha256 } from '#tests/support/hub-server.ts';
import type { PinnedFile } from '../pinned-file.ts';
import { downloadFiles, type DownloadEvent, type DownloadOptions } from './download-files.ts';

const CHUNK = 1000;
const EMPTY_GIT: PinnedFile = { path: 'empty', bytes: 0, hash: 'git:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' };

/** Files of pseudo-random bytes, by path. */
function makeFiles(sizes: Record<string, number>) {
  const rng = createRng(3);
  const contents = new Map<string, Uint8Array>();
  const files = Object.entries(sizes).map(([path, bytes]): PinnedFile => {
    const content = Uint8Array.from({ length: bytes }, () => rng.below(256));
    contents.set(path, content);
    return { path, bytes, hash: `sha256:${sha256(content)}` };
  });
  return { contents, files };
}

const { contents, files } = makeFiles({ 'a.bin': 5500, 'b/c.bin': 999, 'd.bin': 3000 });

interface Source {
  read: DownloadOptions['read'];
  /** Ranges that were read to their end. */
  ranges: string[];
  mostAtOnce: number;
}

/** Reads from `contents` in pieces of 300 bytes. */
function createSource(
  change: (path: string, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes,
  of = contents,
): Source {
  const source: Source = {
    ranges: [],
    mostAtOnce: 0,
    async *read({ path }, start, end) {
      source.mostAtOnce = Math.max(source.mostAtOnce, ++atOnce);
      try {
        const bytes = change(path, of.get(path)!.slice(start, end));
        for (let at = 0; at < bytes.length; at += 300) yield bytes.subarray(at, at + 300);
        source.ranges.push(`${path} ${start}`);
      } finally {
        atOnce--;
      }
    },
  };
  let atOnce = 0;
  return source;
}

async function run(disk: Disk, source: Source, options: Partial<DownloadOptions> = {}): Promise<DownloadEvent[]> {
  const events: DownloadEvent[] = [];
  const store = createMemoryChunkStore(disk);
  const { signal } = new AbortController();
  for await (const event of downloadFiles({
    files,
    read: source.read,
    store,
    now: () => 0,
    signal,
    chunkBytes: CHUNK,
    ...options,
  })) {
    events.push(event);
  }
  return events;
}
const expectAll = (disk: Disk, of = contents) => {
  expect([...disk.complete].sort()).toEqual([...of].sort());
  expect([...disk.unfinished.keys()]).toEqual([]);
};

it('fetches all files in chunks, three at a time, each byte once', async () => {
  const disk = createDisk();
  const source = createSource();
  const events = await run(disk, source);
  expectAll(disk);
  expect(source.ranges).toHaveLength(6 + 1 + 3);
  expect(source.mostAtOnce).toBe(3);
  expect(events[0]).toEqual({ type: 'planned', files: 3, presentBytes: 0, totalBytes: 9499 });
  expect(events.filter(({ type }) => type === 'file')).toHaveLength(3);
  expect(events.at(-1)).toMatchObject({ type: 'progress', doneBytes: 9499 });
});

it('fetches nothing when all is there', async () => {
  const disk = createDisk();
  await run(disk, createSource());
  const source = createSource();
  const events = await run(disk, source);
  expect(source.ranges).toEqual([]);
  expect(events[0]).toMatchObject({ type: 'planned', presentBytes: 9499 });
});

it('makes empty files', async () => {
  const disk = createDisk();
  await run(disk, createSource(), { files: [EMPTY_GIT] });
  expect(disk.complete.get('empty')).toEqual(new Uint8Array());
});

it('tells the rate and the time left', async () => {
  let ms = 0;
  const events = await run(createDisk(), createSource(), { now: () => (ms += 500) });
  const last = events.filter((event) => event.type === 'progress').at(-2)!;
  // 300 bytes come each 500 ms and fewer at the ends of chunks, and each stored chunk is one more look at the clock.
  expect(last.bytesPerSecond).toBeGreaterThan(150);
  expect(last.bytesPerSecond).toBeLessThanOrEqual(600);
  expect(last.secondsLeft).toBeCloseTo((last.totalBytes - last.doneBytes) / last.bytesPerSecond);
});

describe('killed in the middle of any write', () => {
  it('goes on where it stopped, and ends with the right bytes', async () => {
    const whole = createMemoryChunkStore(createDisk());
    for await (const _ of downloadFiles({
      files,
      read: createSource().read,
      store: whole,
      now: () => 0,
      signal: new AbortController().signal,
      chunkBytes: CHUNK,
    }));
    // Every single change to the disk is once the last one.
    for (let killAt = 1; killAt <= whole.changes; killAt++) {
      const disk = createDisk();
      const before = createSource();
      await runUntilKilled(disk, before, killAt);
      const after = createSource();
      await run(disk, after);
      expectAll(disk);
      // What was noted is not fetched again: at most the chunks that were under way.
      const twice = after.ranges.filter((range) => before.ranges.includes(range));
      expect(twice.length).toBeLessThanOrEqual(3);
    }
  });

  it('ten times in a row, in a download of 50 MB', async () => {
    const rng = createRng(11);
    const content = new Uint8Array(50_000_000);
    new Uint32Array(content.buffer).forEach((_, at, words) => (words[at] = Math.imul(at, 0x9e37_79b1)));
    const of = new Map([['model.safetensors', content]]);
    const big: PinnedFile[] = [{ path: 'model.safetensors', bytes: content.length, hash: `sha256:${sha256(content)}` }];
    const disk = createDisk();
    let fetched = 0;
    const source: Source = {
      ranges: [],
      mostAtOnce: 0,
      async *read({ path }, start, end) {
        for (let at = start; at < end; at += 1 << 18) yield of.get(path)!.subarray(at, Math.min(end, at + (1 << 18)));
        fetched += end - start;
      },
    };
    const options = { files: big, chunkBytes: 1 << 20 };
    for (let times = 0; times < 10; times++) await runUntilKilled(disk, source, 1 + rng.below(10), options);
    await run(disk, source, options);
    expect(sha256(disk.complete.get('model.safetensors')!)).toBe(sha256(content));
    // Each kill costs the chunks that were under way, at most three, and no more.
    expect(fetched).toBeLessThanOrEqual(content.length + 10 * 3 * (1 << 20));
  });

  async function runUntilKilled(disk: Disk, source: Source, killAt: number, options: Partial<DownloadOptions> = {}) {
    const store = createMemoryChunkStore(disk, { killAt });
    const { signal } = new AbortController();
    const running = async () => {
      for await (const _ of downloadFiles({
        files,
        read: source.read,
        store,
        now: () => 0,
        signal,
        chunkBytes: CHUNK,
        ...options,
      }));
      throw new Error('the store was not killed');
    };
    await Promise.race([store.killed, running()]);
  }
});

it('pauses when the signal says so, and goes on with the next call', async () => {
  const disk = createDisk();
  const stop = new AbortController();
  const source = createSource();
  const paused = run(
    disk,
    {
      ...source,
      read: (file, start, end) =>
        source.ranges.length === 3
          ? (stop.abort(), source.read(file, start, end, stop.signal))
          : source.read(file, start, end, stop.signal),
    },
    { signal: stop.signal },
  );
  await expect(paused).rejects.toMatchObject({ code: 'core/aborted' });
  expect(disk.complete.size).toBeLessThan(3);
  const rest = createSource();
  await run(disk, rest);
  expectAll(disk);
  expect(rest.ranges.length).toBeLessThan(10);
});

it('writes nothing after its reader left', async () => {
  const disk = createDisk();
  const store = createMemoryChunkStore(disk);
  for await (const event of downloadFiles({
    files,
    read: createSource().read,
    store,
    now: () => 0,
    signal: new AbortController().signal,
    chunkBytes: CHUNK,
  })) {
    if (event.type === 'progress') break;
  }
  const { changes } = store;
  await new Promise((resolve) => setImmediate(resolve));
  expect(store.changes).toBe(changes);
});

describe('wrong bytes', () => {
  const flip = (times: number) => {
    let left = times;
    return createSource((path, bytes) => {
      if (path === 'd.bin' && left-- > 0) bytes[0]! ^= 1;
      return bytes;
    });
  };

  it('once: the file is named and fetched once more', async () => {
    const disk = createDisk();
    const events = await run(disk, flip(1));
    expectAll(disk);
    expect(events.filter(({ type }) => type === 'again')).toEqual([{ type: 'again', path: 'd.bin' }]);
    expect(events.at(-1)).toMatchObject({ doneBytes: 9499 });
  });

  it('twice: an error names the file, and nothing of it stays', async () => {
    const disk = createDisk();
    await expect(run(disk, flip(Infinity))).rejects.toMatchObject({
      code: 'shell/wrong-bytes',
      message: expect.stringMatching(/^d\.bin: /),
    });
    expect(disk.complete.has('d.bin')).toBe(false);
    expect(disk.unfinished.has('d.bin')).toBe(false);
    await run(disk, createSource());
    expectAll(disk);
  });

  it.each([
    ['more bytes than requested', (bytes: Uint8Array) => Uint8Array.from([...bytes, 1])],
    ['fewer bytes than requested', (bytes: Uint8Array) => bytes.slice(1)],
  ])('%s are wrong bytes', async (_, change) => {
    const disk = createDisk();
    await expect(
      run(
        disk,
        createSource((_path, bytes) => change(bytes)),
      ),
    ).rejects.toMatchObject({ code: 'shell/wrong-bytes' });
    expect(disk.complete.size).toBe(0);
  });

  it('that lie in the unfinished file from before are found and fetched again', async () => {
    const disk = createDisk();
    disk.unfinished.set(
      'a.bin',
      contents.get('a.bin')!.map((byte, at) => (at === 10 ? byte ^ 1 : byte)),
    );
    disk.journal = `part ${files[0]!.hash} ${CHUNK} 0 a.bin\n`;
    const events = await run(disk, createSource());
    expect(events).toContainEqual({ type: 'again', path: 'a.bin' });
    expectAll(disk);
  });
});

describe('what lies there before', () => {
  it('is kept when it has the right hash, without a journal', async () => {
    const disk = createDisk();
    disk.complete.set('a.bin', contents.get('a.bin')!);
    const source = createSource();
    await run(disk, source);
    expectAll(disk);
    expect(source.ranges.some((range) => range.startsWith('a.bin'))).toBe(false);
  });

  it('is not overwritten when it is another file', async () => {
    const disk = createDisk();
    disk.complete.set('a.bin', new Uint8Array(5500));
    await expect(run(disk, createSource())).rejects.toMatchObject({ code: 'files/in-the-way' });
    expect(disk.complete.get('a.bin')).toEqual(new Uint8Array(5500));
  });

  it('is replaced when an earlier download put it there', async () => {
    const disk = createDisk();
    const old = makeFiles({ 'a.bin': 5500, x: 1 });
    old.contents.set('a.bin', new Uint8Array(5500));
    await run(disk, createSource(undefined, old.contents), {
      files: [{ ...old.files[0]!, hash: `sha256:${sha256(new Uint8Array(5500))}` }],
    });
    await run(disk, createSource());
    expect(disk.complete.get('a.bin')).toEqual(contents.get('a.bin'));
  });

  it('does not count as checked because of a line that was cut off after the name of another file', async () => {
    const disk = createDisk();
    const { hash, bytes } = files[0]!;
    // The line was to end in "a.bin", whose content is the same.
    const twins: PinnedFile[] = ['a', 'a.bin'].map((path) => ({ path, bytes, hash }));
    disk.complete.set('a', new Uint8Array(bytes));
    disk.journal = `done ${hash} a`;
    for (let times = 0; times < 2; times++) {
      await expect(run(disk, createSource(), { files: twins })).rejects.toMatchObject({ code: 'files/in-the-way' });
    }
  });

  it.each([
    ['the unfinished file is gone', ''],
    ['a line of another chunk size', `part ${files[0]!.hash} 77 0 a.bin\n`],
    ['a line that was cut off', `part ${files[0]!.hash} ${CHUNK} 4`],
    ['no journal of ours', 'part x y z\n\n\u0000\n{"a":1}\ndone\n'],
    ['a chunk beyond the end', `part ${files[0]!.hash} ${CHUNK} 999999 a.bin\n`],
  ])('is fetched again where the journal cannot be right: %s', async (_, text) => {
    const disk = createDisk();
    disk.journal = text || `part ${files[0]!.hash} ${CHUNK} 0 a.bin\n`;
    const source = createSource();
    await run(disk, source);
    expectAll(disk);
    expect(source.ranges).toHaveLength(10);
  });
});

it('asks for room before the first byte, and only for what is missing', async () => {
  const disk = createDisk();
  disk.complete.set('a.bin', contents.get('a.bin')!);
  const source = createSource();
  await expect(run(disk, source, { store: createMemoryChunkStore(disk, { freeBytes: 3998 }) })).rejects.toMatchObject({
    code: 'files/no-room',
    message: 'The download needs 3999 bytes and the device has 3998 free.',
  });
  expect(source.ranges).toEqual([]);
  await run(disk, source, { store: createMemoryChunkStore(disk, { freeBytes: 3999 }) });
  expectAll(disk);
});

it('ends all transfers when one fails', async () => {
  const fails = createSource();
  const read: DownloadOptions['read'] = async function* (file, start, end, signal) {
    if (file.path === 'b/c.bin') throw new Error('no such thing');
    yield contents.get(file.path)!.subarray(start, start + 1);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  };
  await expect(run(createDisk(), { ...fails, read })).rejects.toThrow('no such thing');
});
