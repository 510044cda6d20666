// Blocks of keys and values that outlive the session, so that a conversation goes on after a reload without its prompt being read
// again (docs/adr/0036-kept-prefixes.md). It knows blocks and files; a file that is missing or damaged only means that less is known.

import { createSHA256 } from 'hash-wasm';
import type { BufferPart, Device } from '#lib/webgpu/device.ts';
import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { BlockRoot } from './kv-blocks.ts';
import { createPrefixFiles } from './prefix-file.ts';
import type { PrefixStore } from './prefix-store.ts';
import type { Turns } from './turns.ts';

type Payload = Uint8Array<ArrayBuffer>;

export interface KeptPrefixes {
  /** The kept blocks of a beginning in order, from block `from` up to the first that is not kept, before block `end`. */
  read(roots: readonly BlockRoot[], tokens: readonly number[], from: number, end: number): Promise<Payload[]>;
  /** Keeps the full blocks of these tokens as they are now: the blocks may be given to others at once. */
  keep(roots: readonly BlockRoot[], tokens: readonly number[], blocks: readonly number[]): void;
  /** Puts what was read into a block. */
  fill(block: number, payload: Payload): void;
}

export interface KeptPrefixesOptions {
  store: PrefixStore;
  device: Pick<Device, 'readParts' | 'write'>;
  turns: Pick<Turns, 'compute'>;
  blockParts(block: number): BufferPart[];
  /** What tells weights, their packing and their arithmetic apart. */
  model: string;
  /** Then the weights are known to be those that `model` names; nothing is kept before. */
  finished: Promise<void>;
  log(line: string): void;
  limits?: KeptLimits;
}

export interface KeptLimits {
  /** What the store may hold. */
  bytes: number;
  files: number;
}

const LIMITS: KeptLimits = { bytes: 256 << 20, files: 1024 };
/** Of one answer, and of one restored beginning: what is in memory at a time. */
const MOST_BYTES = 64 << 20;

export async function createKeptPrefixes(options: KeptPrefixesOptions): Promise<KeptPrefixes> {
  const { store, device, turns, blockParts, model, finished, log, limits = LIMITS } = options;
  const files = createPrefixFiles(await createSHA256(), model);
  const blockBytes = blockParts(0).reduce((sum, { bytes }) => sum + bytes, 0);
  const most = Math.floor(MOST_BYTES / blockBytes);
  /** Bytes by name, least recently used first. */
  const known = new Map<string, number>();
  /** Set when the store failed: the session goes on without it. */
  let isOff = false;
  const giveUp = (error: unknown) => {
    if (!isOff) log(`Beginnings of conversations are no longer kept: ${String(error)}`);
    isOff = true;
  };
  const listed = store
    .list()
    .then((all) => {
      for (const { name, bytes } of all) known.set(name, bytes);
    })
    .catch(giveUp);
  /** Answers are written one after another. */
  let writing = Promise.all([listed, finished]).then(() => undefined, giveUp);

  const remove = async (name: string) => {
    known.delete(name);
    await store.remove(name);
  };
  /** Null where the file is not usable. */
  const readOne = async (name: string): Promise<Payload | null> => {
    const file = await store.read(name);
    const payload = file && files.decode(name, file, blockBytes);
    if (file && !payload) {
      log('A kept beginning of a conversation is damaged and is dropped.');
      await remove(name);
    }
    return payload;
  };
  const writeOne = async (name: string, payload: Payload) => {
    const file = files.encode(name, payload);
    let bytes = file.length + Array.from(known.values()).reduce((sum, size) => sum + size, 0);
    for (const [oldest, size] of known) {
      if (bytes <= limits.bytes && known.size < limits.files) break;
      bytes -= size;
      await remove(oldest);
    }
    if (bytes > limits.bytes) return;
    await store.write(name, file);
    known.set(name, file.length);
  };
  /** The last block first, so that the beginning, which all others need, is the last to go. */
  const writeAll = async (blocks: readonly { name: string; content: Promise<ArrayBuffer> | null }[]) => {
    for (const { name, content } of blocks.toReversed()) {
      const bytes = known.get(name);
      if (bytes !== undefined) {
        known.delete(name);
        known.set(name, bytes);
        await store.touch(name);
      } else if (content) {
        await turns.compute();
        await writeOne(name, new Uint8Array(await content));
      }
    }
  };

  return {
    async read(roots, tokens, from, end) {
      await listed;
      const names = files.names(roots, tokens.slice(0, end * BLOCK_TOKENS), BLOCK_TOKENS).slice(from, from + most);
      const missing = names.findIndex((name) => !known.has(name));
      const payloads: Payload[] = [];
      for (const name of missing < 0 ? names : names.slice(0, missing)) {
        if (isOff) break;
        const payload = await readOne(name).catch((error: unknown) => {
          giveUp(error);
          return null;
        });
        if (!payload) break;
        payloads.push(payload);
        await turns.compute();
      }
      return payloads;
    },
    keep(roots, tokens, blocks) {
      if (isOff) return;
      const names = files.names(roots, tokens, BLOCK_TOKENS).slice(0, most);
      const contents = names.map((name, i) => {
        if (known.has(name)) return { name, content: null };
        const content = device.readParts(blockParts(blocks[i]!));
        // Awaited later; until then a failure is not unhandled.
        content.catch(() => undefined);
        return { name, content };
      });
      writing = writing.then(() => writeAll(contents)).catch(giveUp);
    },
    fill(block, payload) {
      let at = 0;
      for (const { buffer, offset, bytes } of blockParts(block)) {
        device.write(buffer, offset, payload.subarray(at, at + bytes));
        at += bytes;
      }
    },
  };
}
