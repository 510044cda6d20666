// All requests of all wallets: in memory for questions, in the datastore for the next start. It decides quotas.

import type { Datastore } from 'interface-datastore';
import { Key } from 'interface-datastore';
import type { Address } from 'viem';
import { RefusedError } from './errors.ts';
import type { PinRequest, PinWish } from './pin-request.ts';

export interface Quotas {
  /** Bytes one wallet may have pinned; a graph pinned twice counts once. */
  walletBytes: number;
  /** Bytes of all wallets together. */
  totalBytes: number;
  /** Requests one wallet may have, open or done. */
  walletRequests: number;
  /** Requests of all wallets together: making wallets is free. */
  totalRequests: number;
}

export interface PinBook {
  /** Newest first. */
  of(owner: Address): PinRequest[];
  get(owner: Address, id: string): PinRequest;
  waiting(): PinRequest[];
  add(owner: Address, wish: PinWish, nowMs: number): Promise<PinRequest>;
  /** The new one takes the place of `id` in one step. */
  replace(owner: Address, id: string, wish: PinWish, nowMs: number): Promise<PinRequest>;
  change(request: PinRequest, change: Partial<PinRequest>): Promise<void>;
  remove(owner: Address, id: string): Promise<PinRequest>;
  /** Whether any other request, of any wallet, wants the same graph. */
  wantedBesides(request: PinRequest): boolean;
  /** Bytes a graph of `owner` may still have; `cid` itself is not counted. */
  room(owner: Address, cid: string): number;
  usage(owner: Address): { bytes: number; requests: number };
}

const PREFIX = '/payable/pin-requests/';

export async function openPinBook(data: Datastore, quotas: Quotas, randomId: () => string): Promise<PinBook> {
  const requests = new Map<string, PinRequest>();
  for await (const { value } of data.query({ prefix: PREFIX })) {
    const request = JSON.parse(new TextDecoder().decode(value)) as PinRequest;
    requests.set(request.id, request);
  }

  const keyOf = (id: string) => new Key(`${PREFIX}${id}`);
  const encode = (request: PinRequest) => new TextEncoder().encode(JSON.stringify(request));
  const of = (owner: Address) =>
    [...requests.values()]
      .filter((request) => request.owner === owner)
      .sort((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0));
  const get = (owner: Address, id: string) => {
    const request = requests.get(id);
    if (request?.owner !== owner) throw new RefusedError(404, 'NOT_FOUND', `There is no request ${id.slice(0, 80)}.`);
    return request;
  };
  /** Each graph once. */
  const bytesOf = (list: readonly PinRequest[]) =>
    [
      ...new Map(list.filter(({ status }) => status === 'pinned').map(({ cid, bytes }) => [cid, bytes])).values(),
    ].reduce((sum, bytes) => sum + bytes, 0);

  const make = (owner: Address, wish: PinWish, nowMs: number): PinRequest => {
    // Clients page by this time: two with the same one would be seen as one.
    const last = of(owner)[0]?.created;
    const time = last === undefined ? nowMs : Math.max(nowMs, Date.parse(last) + 1);
    const created = new Date(time).toISOString();
    return { ...wish, id: randomId(), owner, status: 'queued', created, blocks: 0, bytes: 0, reason: '' };
  };

  return {
    of,
    get,
    waiting: () => [...requests.values()].filter(({ status }) => status === 'queued' || status === 'pinning'),
    async add(owner, wish, nowMs) {
      if (of(owner).length >= quotas.walletRequests) {
        throw new RefusedError(429, 'INSUFFICIENT_FUNDS', `A wallet may have ${quotas.walletRequests} requests.`, {
          hint: 'Delete some.',
        });
      }
      if (requests.size >= quotas.totalRequests) {
        throw new RefusedError(507, 'INSUFFICIENT_STORAGE', 'This pinner takes no more requests.', {
          hint: 'Try another one.',
        });
      }
      const request = make(owner, wish, nowMs);
      await data.put(keyOf(request.id), encode(request));
      requests.set(request.id, request);
      return request;
    },
    async replace(owner, id, wish, nowMs) {
      const old = get(owner, id);
      const request = make(owner, wish, nowMs);
      const batch = data.batch();
      batch.put(keyOf(request.id), encode(request));
      batch.delete(keyOf(old.id));
      await batch.commit();
      requests.set(request.id, request);
      requests.delete(old.id);
      return request;
    },
    async change(request, change) {
      Object.assign(request, change);
      if (requests.has(request.id)) await data.put(keyOf(request.id), encode(request));
    },
    async remove(owner, id) {
      const request = get(owner, id);
      requests.delete(id);
      await data.delete(keyOf(id));
      return request;
    },
    wantedBesides: ({ id, cid }) =>
      requests.values().some((other) => other.id !== id && other.cid === cid && other.status !== 'failed'),
    room(owner, cid) {
      const others = [...requests.values()].filter((request) => request.cid !== cid);
      const own = others.filter((request) => request.owner === owner);
      return Math.max(0, Math.min(quotas.walletBytes - bytesOf(own), quotas.totalBytes - bytesOf(others)));
    },
    usage: (owner) => ({ bytes: bytesOf(of(owner)), requests: of(owner).length }),
  };
}
