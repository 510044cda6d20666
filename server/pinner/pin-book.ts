// All pin requests of all wallets: in memory for reads, in the datastore for the next start. `room` counts their disk
// space.

import type { Datastore } from 'interface-datastore';
import { Key } from 'interface-datastore';
import type { Address } from 'viem';
import { RefusedError } from './errors.ts';
import type { PinRequest, PinWish } from './pin-request.ts';
import { Room, type RoomQuotas } from './room.ts';

export interface Quotas extends RoomQuotas {
  /** Most requests of one wallet, open or done. */
  walletRequests: number;
  /** Most requests of all wallets, since wallets are free to make. */
  totalRequests: number;
}

export interface PinBook {
  readonly room: Room;
  /** Newest first. */
  of(owner: Address): PinRequest[];
  get(owner: Address, id: string): PinRequest;
  waiting(): PinRequest[];
  add(owner: Address, wish: PinWish, nowMs: number): Promise<PinRequest>;
  /** The same for an uploaded graph: the request is stored only once the graph is pinned. */
  draft(owner: Address, wish: PinWish, nowMs: number): PinRequest;
  /** Replaces request `id` by a new one in one step. */
  replace(owner: Address, id: string, wish: PinWish, nowMs: number): Promise<PinRequest>;
  change(request: PinRequest, change: Partial<PinRequest>): Promise<void>;
  remove(owner: Address, id: string): Promise<PinRequest>;
  /** Whether another request, of any wallet, is for the same graph. */
  wantedBesides(request: PinRequest): boolean;
  /** Bytes of disk and number of requests of a wallet. */
  usage(owner: Address): { bytes: number; requests: number };
}

const PREFIX = '/payable/pin-requests/';

export async function openPinBook(data: Datastore, quotas: Quotas, randomId: () => string): Promise<PinBook> {
  const requests = new Map<string, PinRequest>();
  const room = new Room(quotas);
  for await (const { value } of data.query({ prefix: PREFIX })) {
    const request = JSON.parse(new TextDecoder().decode(value)) as PinRequest;
    requests.set(request.id, request);
    if (request.status === 'pinned') room.pin(request, request);
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
  const make = (owner: Address, wish: PinWish, nowMs: number): PinRequest => {
    // Clients page by this time, so it has to be unique.
    const last = of(owner)[0]?.created;
    const time = last === undefined ? nowMs : Math.max(nowMs, Date.parse(last) + 1);
    const created = new Date(time).toISOString();
    return { ...wish, id: randomId(), owner, status: 'queued', created, blocks: 0, bytes: 0, reason: '' };
  };
  const draft = (owner: Address, wish: PinWish, nowMs: number): PinRequest => {
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
    requests.set(request.id, request);
    return request;
  };
  const forget = (request: PinRequest) => {
    requests.delete(request.id);
    if (request.status === 'pinned') room.unpin(request);
  };

  return {
    room,
    of,
    get,
    waiting: () => [...requests.values()].filter(({ status }) => status === 'queued' || status === 'pinning'),
    draft,
    async add(owner, wish, nowMs) {
      const request = draft(owner, wish, nowMs);
      try {
        await data.put(keyOf(request.id), encode(request));
      } catch (error) {
        forget(request);
        throw error;
      }
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
      forget(old);
      return request;
    },
    async change(request, change) {
      Object.assign(request, change);
      if (!requests.has(request.id)) return;
      if (change.status === 'pinned') room.pin(request, request);
      await data.put(keyOf(request.id), encode(request));
    },
    async remove(owner, id) {
      const request = get(owner, id);
      forget(request);
      await data.delete(keyOf(id));
      return request;
    },
    wantedBesides: ({ id, cid }) =>
      requests.values().some((other) => other.id !== id && other.cid === cid && other.status !== 'failed'),
    usage: (owner) => ({ bytes: room.taken(owner), requests: of(owner).length }),
  };
}
