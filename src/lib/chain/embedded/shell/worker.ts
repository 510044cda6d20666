/// <reference lib="webworker" />
// The worker that runs the chain in a browser: a SharedWorker for all tabs, or a worker of one tab. Its name selects the chain.

import { serve, type Port } from '#lib/core/rpc.ts';
import { BadChainFileError } from '../../errors.ts';
import { readGenesis, type Genesis } from '../genesis.ts';
import { createLazyNode } from '../lazy-node.ts';
import { createNode } from '../node.ts';
import { createIndexedStore } from './indexed-store.ts';
import { holdForLife } from '../../shell/lifeline.ts';
import { createSharedHome, lifeLock } from './shared-home.ts';
import type { ChainSource, WorkerGreeting } from './connect.ts';

declare const self: SharedWorkerGlobalScope | DedicatedWorkerGlobalScope;

const { database, genesis } = JSON.parse(self.name) as ChainSource;
const id = crypto.randomUUID();
const alive = holdForLife(lifeLock(id));

async function loadGenesis() {
  const response = await fetch(genesis.url).catch((cause: unknown) => {
    throw new BadChainFileError('genesis', 'it could not be loaded', cause);
  });
  if (!response.ok) throw new BadChainFileError('genesis', `the server answered ${response.status}`);
  return readGenesis(new Uint8Array(await response.arrayBuffer()), genesis.sha256);
}

// Both are slow and independent of each other and of the locks, so start them at once. An early failure is retried on use.
const store = createIndexedStore(database);
let early: Promise<Genesis> | null = loadGenesis();
early.catch(() => undefined);
function takeGenesis(): Promise<Genesis> {
  const found = early ?? loadGenesis();
  early = null;
  return found;
}

const home = alive.then(() =>
  createSharedHome(`payable-chain:${database}`, id, () =>
    createLazyNode(async () => createNode({ genesis: await takeGenesis(), store, now: () => Date.now() })),
  ),
);

async function greet(port: Port) {
  try {
    serve(port, await home);
    port.postMessage({ chainWorker: id } satisfies WorkerGreeting);
  } catch (error) {
    port.postMessage({ chainFault: error instanceof Error ? error.message : String(error) } satisfies WorkerGreeting);
  }
}

if ('postMessage' in self) {
  void greet(self);
} else {
  self.addEventListener('connect', ({ ports: [port] }) => {
    // Start the port only with a listener, so that no earlier message is lost.
    void greet(port!).then(() => port!.start());
  });
}
