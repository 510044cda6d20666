// A contributor or curator of Datanets for tests: a wallet on a shared chain, a separate device, and a connection to the pinner
// that can be cut.

import type { PrivateKeyAccount, Transport } from 'viem';
import { createMemoryRowStore } from '#lib/chain/indexer/rows.ts';
import { listRows } from '#lib/chain/indexer/tables.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import type { ImportFile } from '#lib/datanets/import/import-file.ts';
import type { Outbox, OutboxRecord } from '#lib/db/outbox.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { createPinnerAccess } from '#lib/datanets/pinners/pinner-access.ts';
import { fetchBlock, fetchDag } from '#lib/ipfs/fetch-dag.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import { contextOver, createTestHost, runToEnd } from './chain-context.ts';
import { digester, memorySpill } from './datanets.ts';
import { memoryNode } from './ipfs-node.ts';

export function memoryOutbox(): Outbox & { records: Map<string, OutboxRecord> } {
  const records = new Map<string, OutboxRecord>();
  return {
    records,
    put: async (record) => void records.set(record.id, structuredClone(record)),
    remove: async (id) => void records.delete(id),
    list: async () => [...records.values()].sort((a, b) => a.createdAt - b.createdAt),
    watch: () => () => undefined,
  };
}

/** Wraps every request to the pinner: can cut it before it is sent, or after it arrived. */
export interface Line {
  /** Bytes of each uploaded CAR. */
  uploads: number[];
  cut: (url: string, when: 'before' | 'after') => boolean;
}

export async function createPerson(transport: Transport, account: PrivateKeyAccount, pinnerUrl: string) {
  const chain = contextOver(transport, account);
  const node = await memoryNode();
  const line: Line = { uploads: [], cut: () => false };
  const fetchOverLine: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (line.cut(url, 'before')) throw new TypeError('fetch failed');
    if (init?.body instanceof Blob) line.uploads.push(init.body.size);
    const response = await fetch(input, init);
    if (!line.cut(url, 'after')) return response;
    await response.arrayBuffer();
    throw new TypeError('fetch failed');
  };
  const sources = [createGateway(pinnerUrl, { fetch: fetchOverLine })];
  const tokens = new Map<string, string>();
  const store = createMemoryRowStore();
  const host = createTestHost();
  const outbox = memoryOutbox();
  let runs = 0;
  const context: DatanetContext & { outbox: Outbox } = {
    chain,
    digester,
    outbox,
    ipfs: {
      node,
      fetch: async (root, options = {}) => void (await fetchDag(node, root, { ...options, sources })),
      block: (cid, signal) => fetchBlock(node, cid, { sources, signal }),
    },
    pinners: createPinnerAccess([pinnerUrl], {
      chain,
      fetch: fetchOverLine,
      tokens: { get: (key) => tokens.get(key) ?? null, set: (key, token) => void tokens.set(key, token) },
      domain: 'payable.test',
      nowMs: () => Date.now(),
    }),
    nowSeconds: () => 1_800_000_000 + runs++,
    async records(table) {
      for await (const _ of syncRows(chain.read, sourcesOf(chain), store));
      return listRows(store, table);
    },
    async run(plan) {
      const records = await runToEnd(chain, plan, host);
      return records.length === plan.steps.length && records.every(({ state }) => state.status === 'safe');
    },
    async underWay() {
      const open = (await host.store.list(chain.chain.id)).filter(({ state }) => state.status === 'submitted');
      return open.map(({ data }) => data);
    },
    spill: memorySpill,
    runBytes: 8 << 20,
  };
  return { context, line, outbox, node, address: account.address.toLowerCase() as `0x${string}` };
}

export function fileOf(name: string, text: string): ImportFile {
  const bytes = new TextEncoder().encode(text);
  return {
    name,
    size: bytes.length,
    async *stream() {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    },
    read: async (start, end) => bytes.slice(start, end),
  };
}
