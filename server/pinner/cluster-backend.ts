// A pin backend on an IPFS Cluster, which decides which of its nodes hold a graph and how many copies there are
// (ipfscluster.io/documentation/reference/api). Blocks and sizes are read from a Kubo of the cluster, or from its IPFS
// proxy.

import type { CID } from 'multiformats/cid';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { BackendFailedError } from './errors.ts';
import {
  carOf,
  createKuboRpc,
  measureKept,
  multipart,
  parseObject,
  request,
  shortText,
  type KuboOptions,
} from './kubo-backend.ts';
import type { PinBackend, PinTask } from './pin-backend.ts';
import { isPublicIp } from './private-address.ts';

export interface ClusterOptions {
  /** REST API, like `http://127.0.0.1:9094`. */
  api: string;
  /** Value of the Authorization header, if the cluster requires one. */
  authorization?: string | undefined;
  /** Minimum number of copies; default 2. */
  copies?: number;
  kubo: KuboOptions;
  /** Milliseconds between two polls of a pin's status; default 500. */
  pauseMs?: number;
}

const QUESTIONS = 60;

export function createClusterBackend({
  api,
  authorization,
  copies = 2,
  kubo,
  pauseMs = 500,
}: ClusterOptions): PinBackend {
  const base = new URL(api.endsWith('/') ? api : `${api}/`);
  const rpc = createKuboRpc(kubo);
  const headers = authorization === undefined ? {} : { authorization };

  async function call(
    method: string,
    path: string,
    args: Record<string, string>,
    options: Parameters<typeof request>[3],
  ) {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(args)) url.searchParams.append(name, value);
    return request('IPFS Cluster', url, { method, headers }, options);
  }
  async function ask(...[method, path, args, options]: Parameters<typeof call>): Promise<string> {
    const response = await call(method, path, args, options);
    const text = await shortText(response);
    if (response.ok) return text;
    const { message } = parseObject(text);
    const why = typeof message === 'string' ? message : String(response.status);
    throw new BackendFailedError('IPFS Cluster', `"${method} ${path}" failed: ${why}`);
  }

  const replication = { 'replication-min': String(copies), 'replication-max': String(copies) };

  async function unpin(root: CID): Promise<void> {
    const response = await call('DELETE', `pins/${root.toString()}`, {}, {});
    await response.body?.cancel();
    if (!response.ok && response.status !== 404) {
      throw new BackendFailedError('IPFS Cluster', `it does not remove ${root.toString()}: ${response.status}`);
    }
  }

  async function whenPinned(root: CID, task: PinTask) {
    const { signal } = task;
    for (let at = 0; at < QUESTIONS; at++) {
      const { peer_map: peers } = parseObject(await ask('GET', `pins/${root.toString()}`, {}, { signal }));
      const states = Object.values(isJsonObject(peers) ? peers : {}).map((peer) => (isJsonObject(peer) ? peer : {}));
      if (states.filter(({ status }) => status === 'pinned').length >= copies) {
        return measureKept(rpc, unpin, root, task);
      }
      const broken = states.find(({ status }) => status === 'pin_error');
      if (broken) throw new BackendFailedError('IPFS Cluster', `a node cannot pin: ${String(broken['error'])}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    throw new BlockMissingError(root.toString(), { asked: ['the cluster'] });
  }

  return {
    name: 'cluster',
    // The nodes of a cluster collect garbage themselves.
    isUntidy: false,
    tidy: async () => undefined,
    settle: async () => undefined,
    async pin(root, task) {
      const allowed = task.origins.filter(isPublicIp);
      const origins = allowed.length > 0 ? { origins: allowed.join(',') } : {};
      await ask('POST', `pins/${root.toString()}`, { ...replication, ...origins }, { signal: task.signal });
      return whenPinned(root, task);
    },
    unpin,
    async take(root, blocks, task) {
      const upload = multipart(carOf(root, blocks));
      await ask('POST', 'add', { format: 'car', ...replication }, { signal: task.signal, upload });
      return whenPinned(root, task);
    },
    holds: rpc.holds,
    block: rpc.block,
    delegates: rpc.addresses,
    dispose: async () => undefined,
  };
}
