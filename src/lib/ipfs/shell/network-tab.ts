// One tab of this origin runs the network for all tabs: two would share a peer id and double the connections. The tab that holds the
// lock leads; the others send requests over a channel, and graphs arrive in the stores that all tabs share. When the leader closes, the next
// tab takes over the pending requests.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { SourceFailedError } from '../errors.ts';

/** What the leader does for all tabs; `root` is the text of a content id. */
export interface Leading {
  fetch(root: string, options: FetchHere): Promise<void>;
  /** One block, which is not stored. */
  block(cid: string): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

export interface FetchHere {
  signal: AbortSignal;
  onProgress(figures: Figures): void;
}

export interface Figures {
  blocks: number;
  bytes: number;
}

export interface NetworkTab {
  /** True in the tab that runs the network. */
  leads(): boolean;
  /** Fetches through the leading tab. @throws the leader's error, by code and message; AbortedError */
  fetch(root: string, options?: { signal?: AbortSignal; onProgress?(figures: Figures): void }): Promise<void>;
  /** One block through the leading tab, which the caller has to hash. @throws as `fetch` */
  block(cid: string, signal?: AbortSignal): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

type Message =
  | { kind: 'who leads' }
  | { kind: 'i lead' }
  | { kind: 'fetch'; id: string; root: string; isBlock: boolean }
  | { kind: 'cancel'; id: string }
  | { kind: 'progress'; id: string; figures: Figures }
  | { kind: 'done'; id: string; bytes?: Uint8Array | undefined }
  | { kind: 'failed'; id: string; code: string; message: string; hint: string | undefined };

/** The name of the network of the stores of that name. */
export const networkOf = (stores: string): string => `${stores}/network`;

interface Wanted {
  root: string;
  /** One block is wanted, not a graph. */
  isBlock: boolean;
}

interface Wish extends Wanted {
  onProgress?: ((figures: Figures) => void) | undefined;
  settle(error?: Error, bytes?: Uint8Array): void;
}

/** `lead` opens the network. It is called at most once, when this tab becomes the leader; with null this one only follows. */
export function joinNetwork(name: string, lead: (() => Promise<Leading>) | null): NetworkTab {
  const channel = new BroadcastChannel(name);
  const say = (message: Message) => channel.postMessage(message);
  const wishes = new Map<string, Wish>();
  const running = new Map<string, AbortController>();
  const leaving = new AbortController();
  let own: Leading | undefined;
  let releaseLock = () => {};

  const run = async (id: string, { root, isBlock }: Wanted): Promise<void> => {
    if (!own || running.has(id)) return;
    const stop = new AbortController();
    running.set(id, stop);
    const onProgress = (figures: Figures) => {
      wishes.get(id)?.onProgress?.(figures);
      say({ kind: 'progress', id, figures });
    };
    try {
      const { signal } = stop;
      const bytes = isBlock ? await own.block(root) : await own.fetch(root, { signal, onProgress });
      wishes.get(id)?.settle(undefined, bytes ?? undefined);
      say({ kind: 'done', id, bytes: bytes ?? undefined });
    } catch (error) {
      wishes.get(id)?.settle(error as Error);
      const { code = 'core/internal', message, hint } = error as Partial<PayableError> & Error;
      say({ kind: 'failed', id, code, message, hint });
    } finally {
      running.delete(id);
    }
  };

  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    switch (data.kind) {
      case 'who leads':
        if (own) say({ kind: 'i lead' });
        break;
      case 'i lead':
        for (const [id, { root, isBlock }] of wishes) say({ kind: 'fetch', id, root, isBlock });
        break;
      case 'fetch':
        void run(data.id, data);
        break;
      case 'cancel':
        running.get(data.id)?.abort(new AbortedError());
        break;
      case 'progress':
        wishes.get(data.id)?.onProgress?.(data.figures);
        break;
      case 'done':
        wishes.get(data.id)?.settle(undefined, data.bytes);
        break;
      case 'failed': {
        const { code, message, hint } = data;
        wishes.get(data.id)?.settle(new PayableError(code, message, hint === undefined ? {} : { hint }));
        break;
      }
    }
  });

  const leadFirst = (open: () => Promise<Leading>) =>
    navigator.locks
      .request(`${name}/leader`, { signal: leaving.signal }, async () => {
        const opened = await open();
        if (leaving.signal.aborted) return opened.dispose();
        own = opened;
        say({ kind: 'i lead' });
        for (const [id, wish] of wishes) void run(id, wish);
        return new Promise<void>((resolve) => (releaseLock = resolve));
      })
      .catch((error: unknown) => {
        if (leaving.signal.aborted) return;
        for (const wish of wishes.values()) wish.settle(error as Error);
      });
  const led = lead ? leadFirst(lead) : Promise.resolve();

  const request = (
    wanted: Wanted,
    { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: ((figures: Figures) => void) | undefined },
  ) =>
    new Promise<Uint8Array | undefined>((resolve, reject) => {
      const id = crypto.randomUUID();
      const cancel = () => {
        running.get(id)?.abort(new AbortedError());
        say({ kind: 'cancel', id });
        settle(new AbortedError(signal?.reason));
      };
      const settle = (error?: Error, bytes?: Uint8Array) => {
        if (!wishes.delete(id)) return;
        signal?.removeEventListener('abort', cancel);
        if (error) reject(error);
        else resolve(bytes);
      };
      wishes.set(id, { ...wanted, onProgress, settle });
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted) cancel();
      else if (own) void run(id, wanted);
      // The leader answers "i lead"; a tab that becomes the leader sends the same message.
      else say({ kind: 'who leads' });
    });

  return {
    leads: () => own !== undefined,
    async fetch(root, options = {}) {
      await request({ root, isBlock: false }, options);
    },
    async block(cid, signal) {
      const bytes = await request({ root: cid, isBlock: true }, { signal });
      if (!bytes) throw new SourceFailedError('peers', 'the leading tab sent no block');
      return bytes;
    },
    async dispose() {
      leaving.abort();
      for (const stop of running.values()) stop.abort(new AbortedError());
      for (const wish of [...wishes.values()]) wish.settle(new AbortedError());
      await own?.dispose();
      own = undefined;
      releaseLock();
      await led;
      channel.close();
    },
  };
}
