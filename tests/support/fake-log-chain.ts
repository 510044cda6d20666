// A chain of transfers only, with a provider that can fail in the ways real ones do.

import {
  BlockNotFoundError,
  encodeAbiParameters,
  encodeEventTopics,
  hexToBytes,
  keccak256,
  numberToHex,
  stringToHex,
  type Address,
  type Hash,
  type Hex,
  type PublicClient,
} from 'viem';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';

export const TOKEN: Address = '0x00000000000000000000000000000000000000AA';
export const person = (n: number): Address => numberToHex(n + 1, { size: 20 });

export interface Move {
  from: number;
  to: number;
  wei: number;
}

interface FakeBlock {
  number: number;
  hash: Hash;
  parentHash: Hash;
  moves: readonly Move[];
}

/** The filter of a block that logs `TOKEN`, or of an empty one. */
function bloomOf(moves: readonly Move[]): Hex {
  const filter = new Uint8Array(256);
  const digest = keccak256(hexToBytes(TOKEN), 'bytes');
  for (const at of moves.length > 0 ? [0, 2, 4] : []) {
    const bit = ((digest[at]! << 8) | digest[at + 1]!) & 2047;
    filter[255 - (bit >> 3)]! |= 1 << (bit & 7);
  }
  return `0x${Buffer.from(filter).toString('hex')}`;
}

export interface FakeChain {
  extend(moves: readonly Move[]): void;
  /** Removes the newest `depth` blocks. */
  cut(depth: number): void;
  length(): number;
  read: Pick<PublicClient, 'getBlock' | 'getLogs'>;
  /** Called before every request; may change the chain, or throw. */
  before: ((method: 'getBlock' | 'getLogs', range: number) => void) | null;
  /** Number of newest blocks whose logs range queries do not return yet. */
  indexLag: number;
  requests: number;
}

export function createFakeChain(): FakeChain {
  let salt = 0;
  const make = (number: number, parentHash: Hash, moves: readonly Move[]): FakeBlock => {
    const hash = keccak256(stringToHex(`${number}:${parentHash}:${++salt}`));
    return { number, hash, parentHash, moves };
  };
  const blocks = [make(0, `0x${'00'.repeat(32)}`, [])];

  const logsIn = ({ number, hash, moves }: FakeBlock) =>
    moves.map(({ from, to, wei }, logIndex) => ({
      address: TOKEN,
      topics: encodeEventTopics({
        abi: openTokenAbi,
        eventName: 'Transfer',
        args: { from: person(from), to: person(to) },
      }),
      data: encodeAbiParameters([{ type: 'uint256' }], [BigInt(wei)]),
      blockNumber: BigInt(number),
      blockHash: hash,
      logIndex,
      transactionHash: hash,
    }));

  const chain: FakeChain = {
    extend(moves) {
      const parent = blocks.at(-1)!;
      blocks.push(make(parent.number + 1, parent.hash, moves));
    },
    cut(depth) {
      blocks.length = Math.max(1, blocks.length - depth);
    },
    length: () => blocks.length,
    before: null,
    indexLag: 0,
    requests: 0,
    read: {
      async getBlock({ blockNumber }: { blockNumber?: bigint } = {}) {
        chain.requests++;
        chain.before?.('getBlock', 1);
        const found = blocks[blockNumber === undefined ? blocks.length - 1 : Number(blockNumber)];
        if (!found) throw new BlockNotFoundError({ blockNumber: blockNumber! });
        const { number, hash, parentHash, moves } = found;
        return { number: BigInt(number), hash, parentHash, logsBloom: bloomOf(moves) };
      },
      async getLogs({
        fromBlock,
        toBlock,
        blockHash,
      }: { fromBlock?: bigint; toBlock?: bigint; blockHash?: Hash } = {}) {
        chain.requests++;
        chain.before?.('getLogs', blockHash ? 1 : Number(toBlock! - fromBlock!) + 1);
        if (blockHash) {
          const found = blocks.find(({ hash }) => hash === blockHash);
          if (!found) throw new Error('unknown block');
          return logsIn(found);
        }
        return blocks
          .slice(0, blocks.length - chain.indexLag)
          .slice(Number(fromBlock), Number(toBlock) + 1)
          .flatMap(logsIn);
      },
    } as unknown as FakeChain['read'],
  };
  return chain;
}
