// A whole chain as a file of two lines: a heading with the sha256 of the second line, which holds the inputs of every block.
// Reading runs every block again, so a file cannot claim a state that its transactions do not lead to.

import { sha256 } from 'hash-wasm';
import { numberToHex, type Hex } from 'viem';
import { AbortedError } from '#lib/core/errors.ts';
import { BadChainFileError, OtherGenesisError } from '../errors.ts';
import { createChain, type Chain, type ReplayOptions } from './chain.ts';
import { inputOf, type BlockInput } from './execute-block.ts';
import type { Genesis } from './genesis.ts';

const FORMAT = 'payable/chain@1';
const FILE = 'chain file';
/** The largest file that is read: some hundred thousand transactions. */
const MAX_BYTES = 64 << 20;

interface Heading {
  format: typeof FORMAT;
  chainId: number;
  genesis: Hex;
  head: Hex;
  /** keccak256 of the state, see `Chain.digest`. */
  state: Hex;
  /** Of the second line's UTF-8 bytes. */
  sha256: string;
}

type ArchivedBlock = [timestamp: Hex, raw: Hex[], credits: [address: Hex, amountGwei: Hex][]];

/** The file for `chain`. */
export async function encodeArchive(chain: Chain): Promise<Uint8Array> {
  const blocks = Array.from({ length: chain.length() - 1 }, (_, at): ArchivedBlock => {
    const { timestamp, raw, credits } = inputOf(chain.block(at + 1)!);
    return [
      numberToHex(timestamp),
      raw,
      credits.map(({ address, amountGwei }): [Hex, Hex] => [address, numberToHex(amountGwei)]),
    ];
  });
  const body = JSON.stringify(blocks);
  const heading: Heading = {
    format: FORMAT,
    chainId: chain.chainId,
    genesis: chain.block(0)!.header.hash,
    head: chain.head().header.hash,
    state: chain.digest(),
    sha256: await sha256(body),
  };
  return new TextEncoder().encode(`${JSON.stringify(heading)}\n${body}\n`);
}

const isHex = (value: unknown, most: number): value is Hex =>
  typeof value === 'string' && value.length <= most && /^0x[0-9a-f]+$/.test(value);

function parseBlock(value: unknown, number: number): BlockInput {
  const bad = () => new BadChainFileError(FILE, `block ${number} is malformed`);
  if (!Array.isArray(value) || value.length !== 3) throw bad();
  const [timestamp, raw, credits] = value as unknown[];
  if (!isHex(timestamp, 18) || !Array.isArray(raw) || !Array.isArray(credits)) throw bad();
  return {
    timestamp: BigInt(timestamp),
    raw: raw.map((bytes: unknown) => {
      if (!isHex(bytes, MAX_BYTES) || bytes.length % 2 !== 0) throw bad();
      return bytes;
    }),
    credits: credits.map((credit: unknown) => {
      if (!Array.isArray(credit)) throw bad();
      const [address, amount] = credit as unknown[];
      if (!isHex(address, 42) || address.length !== 42 || !isHex(amount, 18)) throw bad();
      return { address, amountGwei: BigInt(amount) };
    }),
  };
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadChainFileError(FILE, `its ${what} is not JSON`, cause);
  }
}

/** The chain in a file, verified block by block. Aborts with `signal`; reports each block's number. */
export async function readArchive(bytes: Uint8Array, genesis: Genesis, options: ReplayOptions = {}): Promise<Chain> {
  if (bytes.length > MAX_BYTES) throw new BadChainFileError(FILE, `it is larger than ${MAX_BYTES} bytes`);
  const [first = '', body = ''] = new TextDecoder().decode(bytes).split('\n');
  const heading = (parseJson(first, 'first line') ?? {}) as Partial<Heading>;
  if (heading.format !== FORMAT) throw new BadChainFileError(FILE, `its format is not "${FORMAT}"`);
  if ((await sha256(body)) !== heading.sha256) throw new BadChainFileError(FILE, 'its blocks are damaged or cut short');
  const blocks = parseJson(body, 'second line');
  if (!Array.isArray(blocks)) throw new BadChainFileError(FILE, 'its blocks are not a list');

  const chain = await createChain(genesis);
  const own = chain.head().header.hash;
  if (heading.genesis !== own) throw new OtherGenesisError(String(heading.genesis), own);
  for (const [at, block] of (blocks as unknown[]).entries()) {
    if (options.signal?.aborted) throw new AbortedError(options.signal.reason);
    const input = parseBlock(block, at + 1);
    if (input.timestamp <= BigInt(chain.head().header.timestamp)) {
      throw new BadChainFileError(FILE, `block ${at + 1} is not later than the one before`);
    }
    try {
      await chain.mine(input, async () => undefined);
    } catch (cause) {
      throw new BadChainFileError(FILE, `block ${at + 1} cannot be run`, cause);
    }
    options.onBlock?.(at + 1);
  }
  if (chain.head().header.hash !== heading.head || chain.digest() !== heading.state) {
    throw new BadChainFileError(FILE, 'its blocks do not lead to the head it names');
  }
  return chain;
}
