// One tab of this origin runs the network for all tabs: two would share a peer id and double the connections. The tab that holds the
// lock leads; the others send requests over a channel, and blocks arrive in the stores that all tabs share. When the leader closes, the next
// tab takes over the pending requests.

import { AbortedError, PayableError } from '#lib/core/errors.ts';

/** What the leader does for all tabs; `root` is the text of a content id. */
export interface Leading {
  fetch(root: string, options: FetchHere): Promise<void>;
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
  dispose(): Promise<void>;
}

type Message =
  | { kind: 'who leads' }
  | { kind: 'i lead' }
  | { kind: 'fetch'; id: string; root: string }
  | { kind: 'cancel'; id: string }
  | { kind: 'progress'; id: string; figures: Figures }
  | { kind: 'done'; id: string }
  | { kind: 'failed'; id: string; code: string; message: string; hint: string | undefined };

interface Wish {
  root: string;
  onProgress?: ((figures: Figures) => void) | undefined;
  settle(error?: Error): void;
}

/** `lead` opens the network. It is called at most once, when this tab becomes the leader. */
export function joinNetwork(name: string, lead: () => Promise<Leading>): NetworkTab {
  const channel = new BroadcastChannel(name);
  const say = (message: Message) => channel.postMessage(message);
  const wishes = new Map<string, Wish>();
  const running = new Map<string, AbortController>();
  const leaving = new AbortController();
  let own: Leading | undefined;
  let releaseLock = () => {};

  const run = async (id: string, root: string): Promise<void> => {
    if (!own || running.has(id)) return;
    const stop = new AbortController();
    running.set(id, stop);
    const onProgress = (figures: Figures) => {
      wishes.get(id)?.onProgress?.(figures);
      say({ kind: 'progress', id, figures });
    };
    try {
      await own.fetch(root, { signal: stop.signal, onProgress });
      wishes.get(id)?.settle();
      say({ kind: 'done', id });
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
        for (const [id, { root }] of wishes) say({ kind: 'fetch', id, root });
        break;
      case 'fetch':
        void run(data.id, data.root);
        break;
      case 'cancel':
        running.get(data.id)?.abort(new AbortedError());
        break;
      case 'progress':
        wishes.get(data.id)?.onProgress?.(data.figures);
        break;
      case 'done':
        wishes.get(data.id)?.settle();
        break;
      case 'failed': {
        const { code, message, hint } = data;
        wishes.get(data.id)?.settle(new PayableError(code, message, hint === undefined ? {} : { hint }));
        break;
      }
    }
  });

  const led = navigator.locks
    .request(`${name}/leader`, { signal: leaving.signal }, async () => {
      const opened = await lead();
      if (leaving.signal.aborted) return opened.dispose();
      own = opened;
      say({ kind: 'i lead' });
      for (const [id, { root }] of wishes) void run(id, root);
      return new Promise<void>((resolve) => (releaseLock = resolve));
    })
    .catch((error: unknown) => {
      if (leaving.signal.aborted) return;
      for (const wish of wishes.values()) wish.settle(error as Error);
    });

  return {
    leads: () => own !== undefined,
    fetch(root, { signal, onProgress } = {}) {
      return new Promise((resolve, reject) => {
        const id = crypto.randomUUID();
        const cancel = () => {
          running.get(id)?.abort(new AbortedError());
          say({ kind: 'cancel', id });
          settle(new AbortedError(signal?.reason));
        };
        const settle = (error?: Error) => {
          if (!wishes.delete(id)) return;
          signal?.removeEventListener('abort', cancel);
          if (error) reject(error);
          else resolve();
        };
        wishes.set(id, { root, onProgress, settle });
        signal?.addEventListener('abort', cancel);
        if (signal?.aborted) cancel();
        else if (own) void run(id, root);
        // The leader answers "i lead"; a tab that becomes the leader sends the same message.
        else say({ kind: 'who leads' });
      });
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
