// A pin request: its stored form and its form in the Pinning Service API.

import type { Address } from 'viem';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { PayableError } from '#lib/core/errors.ts';
import { badRequest } from './errors.ts';

export const STATUSES = ['queued', 'pinning', 'pinned', 'failed'] as const;
export type PinStatus = (typeof STATUSES)[number];

/** The client's wishes: id, name, origins, metadata. */
export interface PinWish {
  cid: string;
  name: string;
  origins: string[];
  meta: Record<string, string>;
}

export interface PinRequest extends PinWish {
  id: string;
  owner: Address;
  status: PinStatus;
  /** ISO 8601, with milliseconds; unique per owner. */
  created: string;
  /** Of the graph, once known. */
  blocks: number;
  bytes: number;
  /** Why the request failed, or what it waits for. */
  reason: string;
}

const MAX_NAME = 255;
const MAX_ORIGINS = 20;
const MAX_META = 50;
const MAX_META_CHARS = 4096;

/** Parses the body of a request. @throws RefusedError naming the field */
export function parseWish(body: unknown): PinWish {
  if (!isJsonObject(body)) throw badRequest('The body is no JSON object.');
  const { cid, name = '', origins = [], meta = {} } = body;
  if (typeof cid !== 'string') throw badRequest('Field "cid" is missing.');
  let root: string;
  try {
    root = parseCid(cid, 'cid').toString();
  } catch (error) {
    throw badRequest(error instanceof PayableError ? error.toLine() : 'Field "cid" is not a content id.');
  }
  if (typeof name !== 'string' || name.length > MAX_NAME)
    throw badRequest(`Field "name" is not a text of at most ${MAX_NAME}.`);
  if (
    !Array.isArray(origins) ||
    origins.length > MAX_ORIGINS ||
    !origins.every((o) => typeof o === 'string' && o.length <= 512)
  ) {
    throw badRequest(`Field "origins" is not a list of at most ${MAX_ORIGINS} addresses.`);
  }
  if (!isJsonObject(meta) || !Object.values(meta).every((value) => typeof value === 'string')) {
    throw badRequest('Field "meta" is no object of texts.');
  }
  if (Object.keys(meta).length > MAX_META || JSON.stringify(meta).length > MAX_META_CHARS) {
    throw badRequest(`Field "meta" has more than ${MAX_META} entries or ${MAX_META_CHARS} letters.`);
  }
  return { cid: root, name, origins: origins as string[], meta: meta as Record<string, string> };
}

/** `PinStatus` of the API. */
export const toAnswer = (request: PinRequest, delegates: readonly string[]) => ({
  requestid: request.id,
  status: request.status,
  created: request.created,
  pin: {
    cid: request.cid,
    ...(request.name && { name: request.name }),
    origins: request.origins,
    meta: request.meta,
  },
  delegates,
  info: {
    blocks: String(request.blocks),
    bytes: String(request.bytes),
    ...(request.reason && { status_details: request.reason }),
  },
});
