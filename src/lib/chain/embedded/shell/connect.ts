// The page's way to the chain: a SharedWorker for all tabs where there is one, else a worker of this tab. When it dies
// another is started, and what was under way is asked again or ends in words.

import type { Port } from '#lib/core/rpc.ts';
import { ChainGoneError, NoChainHomeError } from '../../errors.ts';
import type { EmbeddedNode } from '../node.ts';
import { createProvider, type EmbeddedProvider } from '../provider.ts';
import { linkOver } from '../remote-node.ts';
import { createResilientNode, type Link } from '../resilient-node.ts';
import { whenReleased } from '../../shell/lifeline.ts';
import { lifeLock } from './shared-home.ts';

export interface ChainSource {
  /** Name of the database the blocks lie in. */
  database: string;
  genesis: { url: string; sha256: string };
}

/** The first thing a chain worker says. */
export type WorkerGreeting = { chainWorker: string } | { chainFault: string };

export interface ChainClient {
  node: EmbeddedNode;
  provider: EmbeddedProvider;
  close(): void;
}

interface Home {
  port: Port;
  /** Calls back when the worker's script cannot run. */
  onError(listener: () => void): void;
  close(): void;
}

function openSharedWorker(name: string): Home {
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name });
  worker.port.start();
  return {
    port: worker.port,
    onError: (listener) => worker.addEventListener('error', listener),
    close: () => worker.port.close(),
  };
}

function openWorker(name: string): Home {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name });
  return {
    port: worker,
    onError: (listener) => worker.addEventListener('error', listener),
    close: () => worker.terminate(),
  };
}

/** Waits for the worker's first word. */
function greet(home: Home): Promise<Link> {
  return new Promise((resolve, reject) => {
    const onGreeting = ({ data }: { data: unknown }) => {
      const greeting = data as Partial<Record<'chainWorker' | 'chainFault', string>>;
      if (greeting.chainFault !== undefined) reject(new NoChainHomeError(greeting.chainFault));
      if (greeting.chainWorker === undefined) return;
      home.port.removeEventListener('message', onGreeting);
      const released = whenReleased(lifeLock(greeting.chainWorker));
      const failed = new Promise<void>((end) => home.onError(end));
      resolve(linkOver(home.port, Promise.race([released, failed])));
    };
    home.port.addEventListener('message', onGreeting);
    home.onError(() => reject(new ChainGoneError()));
  });
}

/** `dedicated` asks for a worker of this tab even where a shared one would do. */
export function connectChain(source: ChainSource, { dedicated = false } = {}): ChainClient {
  const name = JSON.stringify(source);
  let shared = !dedicated && 'SharedWorker' in globalThis;
  let home: Home | undefined;
  const node = createResilientNode(async () => {
    home?.close();
    home = shared ? openSharedWorker(name) : openWorker(name);
    try {
      return await greet(home);
    } catch (error) {
      // A browser may know SharedWorker and yet refuse to run one.
      shared = false;
      throw error;
    }
  });
  const provider = createProvider(node);
  return {
    node,
    provider,
    close() {
      provider.close();
      home?.close();
    },
  };
}
