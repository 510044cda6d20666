// Connects a page to the chain: a SharedWorker for all tabs if supported, otherwise a worker of this tab. When the worker ends,
// another is started, and pending requests are repeated or fail with an error.

import type { Port } from '#lib/core/rpc.ts';
import { ChainGoneError, NoChainHomeError } from '../../errors.ts';
import type { EmbeddedNode } from '../node.ts';
import { createProvider, type EmbeddedProvider } from '../provider.ts';
import { linkOver } from '../remote-node.ts';
import { createResilientNode, type Link } from '../resilient-node.ts';
import { whenReleased } from '../../shell/lifeline.ts';
import { lifeLock } from './shared-home.ts';

export interface ChainSource {
  /** Name of the database with the blocks. */
  database: string;
  genesis: { url: string; sha256: string };
}

/** The first message of a chain worker. */
export type WorkerGreeting = { chainWorker: string } | { chainFault: string };

export interface ChainClient {
  node: EmbeddedNode;
  provider: EmbeddedProvider;
  close(): void;
}

interface Home {
  port: Port;
  /** Calls back when the worker's script fails to run. */
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

/** Waits for the worker's first message. */
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

/** `dedicated` forces a worker of this tab. */
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
      // Some browsers have SharedWorker but refuse to start one.
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
