// The JSON-RPC methods that read: their parameters and results.

import { bytesToHex, createAddressFromString, hexToBytes, setLengthLeft } from '@ethereumjs/util';
import { numberToHex, type Hex } from 'viem';
import { invalidParams, refused } from '../errors.ts';
import type { BlockRecord } from './block-record.ts';
import type { Chain } from './chain.ts';
import { baseFeeAfter } from './execute-block.ts';
import { feeHistory, MAX_FEE_BLOCKS } from './fees.ts';
import { matchesLog } from './logs.ts';
import * as read from './rpc-params.ts';
import { SUGGESTED_TIP_WEI } from './rules.ts';
import { callContract, estimateGas } from './simulate.ts';

export interface ReadContext {
  chain: Chain;
  /** Timestamp of the next block, in seconds. */
  nextTimestamp(): bigint;
}

export type Method<C> = (context: C, params: unknown[]) => unknown;

/** Most blocks per `eth_getLogs`, and most logs in its result. */
export const MAX_LOG_BLOCKS = 10_000;
export const MAX_LOGS = 10_000;

function blockAt(chain: Chain, tag: read.BlockTag): BlockRecord | undefined {
  if (tag === 'latest') return chain.head();
  return chain.block(tag === 'earliest' ? 0 : tag);
}

const numberAt = (chain: Chain, tag: read.BlockTag): number =>
  tag === 'latest' ? chain.length() - 1 : tag === 'earliest' ? 0 : Number(tag);

/** State exists for the head only. */
function needHead(chain: Chain, tag: unknown): void {
  const block = blockAt(chain, read.readBlockTag(tag, 'block'));
  if (!block) throw refused('header not found');
  if (block !== chain.head()) throw refused('missing trie node: this chain keeps the state of its newest block only');
}

function showBlock(block: BlockRecord | undefined, whole: unknown) {
  if (!block) return null;
  const { header, transactions, credits } = block;
  return {
    ...header,
    uncles: [],
    transactions: whole === true ? transactions : transactions.map(({ hash }) => hash),
    withdrawals: credits,
  };
}

const indexed = (block: BlockRecord | undefined, at: unknown) =>
  block?.transactions[Number(read.readQuantity(at, 'index'))] ?? null;

const addressOf = (value: unknown) => createAddressFromString(read.readAddress(value, 'address'));

function getLogs(chain: Chain, value: unknown) {
  const filter = read.readLogFilter(value);
  const block = filter.blockHash === undefined ? undefined : chain.block(filter.blockHash);
  if (filter.blockHash !== undefined && !block) throw refused('unknown block');
  const from = block ? Number(block.header.number) : numberAt(chain, filter.from);
  const to = block ? from : Math.min(numberAt(chain, filter.to), chain.length() - 1);
  if (to - from >= MAX_LOG_BLOCKS) throw invalidParams(`block range too large: at most ${MAX_LOG_BLOCKS} blocks`);
  const found = [];
  for (const log of chain.logs(from, to)) {
    if (!matchesLog(log, filter)) continue;
    if (found.length === MAX_LOGS) throw invalidParams(`more than ${MAX_LOGS} logs: ask for fewer blocks`);
    found.push(log);
  }
  return found;
}

function readPercentiles(value: unknown): number[] {
  if (value === undefined || value === null) return [];
  const valid = (part: unknown, at: number, all: unknown[]) =>
    typeof part === 'number' && part >= 0 && part <= 100 && (at === 0 || part >= (all[at - 1] as number));
  if (!Array.isArray(value) || value.length > 100 || !value.every(valid)) {
    throw invalidParams('reward percentiles must be rising numbers from 0 to 100');
  }
  return value as number[];
}

const noBlockOverrides = (value: unknown) => {
  if (value !== undefined && value !== null) throw invalidParams('block overrides are not supported');
};

export const readMethods: Record<string, Method<ReadContext>> = {
  web3_clientVersion: () => 'payable-embedded/1',
  net_version: ({ chain }) => String(chain.chainId),
  eth_chainId: ({ chain }) => numberToHex(chain.chainId),
  eth_syncing: () => false,
  eth_accounts: () => [],
  eth_blockNumber: ({ chain }) => chain.head().header.number,
  eth_gasPrice: ({ chain }) => numberToHex(baseFeeAfter(chain.head().header) + SUGGESTED_TIP_WEI),
  eth_maxPriorityFeePerGas: () => numberToHex(SUGGESTED_TIP_WEI),
  eth_feeHistory({ chain }, [count, newest, percentiles]) {
    const block = blockAt(chain, read.readBlockTag(newest, 'newestBlock'));
    if (!block) throw refused('header not found');
    const blocks = Number(read.readCount(count, 'blockCount'));
    if (blocks < 1 || blocks > MAX_FEE_BLOCKS) throw invalidParams(`blockCount must be 1 to ${MAX_FEE_BLOCKS}`);
    return feeHistory(chain, blocks, Number(block.header.number), readPercentiles(percentiles));
  },
  async eth_getBalance({ chain }, [address, tag]) {
    needHead(chain, tag);
    return numberToHex((await chain.state.getAccount(addressOf(address)))?.balance ?? 0n);
  },
  async eth_getTransactionCount({ chain }, [address, tag]) {
    needHead(chain, tag);
    return numberToHex((await chain.state.getAccount(addressOf(address)))?.nonce ?? 0n);
  },
  async eth_getCode({ chain }, [address, tag]) {
    needHead(chain, tag);
    return bytesToHex(await chain.state.getCode(addressOf(address)));
  },
  async eth_getStorageAt({ chain }, [address, slot, tag]) {
    needHead(chain, tag);
    const key = hexToBytes(numberToHex(read.readQuantity(slot, 'slot'), { size: 32 }));
    return bytesToHex(setLengthLeft(await chain.state.getStorage(addressOf(address), key), 32));
  },
  eth_call({ chain, nextTimestamp }, [call, tag, state, block]) {
    needHead(chain, tag);
    noBlockOverrides(block);
    return callContract(chain, read.readCall(call, state), nextTimestamp());
  },
  async eth_estimateGas({ chain, nextTimestamp }, [call, tag, state]) {
    needHead(chain, tag);
    return numberToHex(await estimateGas(chain, read.readCall(call, state), nextTimestamp()));
  },
  eth_getBlockByNumber: ({ chain }, [tag, whole]) => showBlock(blockAt(chain, read.readBlockTag(tag, 'block')), whole),
  eth_getBlockByHash: ({ chain }, [hash, whole]) => showBlock(chain.block(read.readHash(hash, 'hash')), whole),
  eth_getBlockReceipts: ({ chain }, [tag]) => blockAt(chain, read.readBlockTag(tag, 'block'))?.receipts ?? null,
  eth_getBlockTransactionCountByNumber({ chain }, [tag]) {
    const block = blockAt(chain, read.readBlockTag(tag, 'block'));
    return block ? numberToHex(block.transactions.length) : null;
  },
  eth_getBlockTransactionCountByHash({ chain }, [hash]) {
    const block = chain.block(read.readHash(hash, 'hash'));
    return block ? numberToHex(block.transactions.length) : null;
  },
  eth_getTransactionByHash: ({ chain }, [hash]) => chain.transaction(read.readHash(hash, 'hash')) ?? null,
  eth_getTransactionByBlockNumberAndIndex: ({ chain }, [tag, at]) =>
    indexed(blockAt(chain, read.readBlockTag(tag, 'block')), at),
  eth_getTransactionByBlockHashAndIndex: ({ chain }, [hash, at]) =>
    indexed(chain.block(read.readHash(hash, 'hash')), at),
  eth_getTransactionReceipt: ({ chain }, [hash]) => chain.receipt(read.readHash(hash, 'hash')) ?? null,
  eth_getLogs: ({ chain }, [filter]) => getLogs(chain, filter),
  payable_stateDigest: ({ chain }): Hex => chain.digest(),
};
