// Random programs, run as contract creation: both chains agree on any effect and any failure.

import fc from 'fast-check';
import { numberToHex, type Hex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alice } from '../support/embedded-chain.ts';
import { openTwoChains, type TwoChains } from '../support/two-chains.ts';

let chains: TwoChains;
beforeAll(async () => {
  chains = await openTwoChains();
});
afterAll(() => chains.close());

/** Point evaluation, the only precompile that the sandbox lacks. */
const KZG = 0x0a;

const push = (value: number | bigint): string => {
  const digits = BigInt(value).toString(16);
  const bytes = digits.length % 2 ? `0${digits}` : digits;
  return (0x5f + bytes.length / 2).toString(16) + bytes;
};

const word = fc.oneof(
  fc.nat(3),
  fc.nat(300),
  fc.constantFrom(2n ** 255n, 2n ** 256n - 1n, 2n ** 64n),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
);
const slot = fc.nat(3);
const opcode = (...codes: string[]) => fc.constantFrom(...codes);

/** Pieces of code that leave at most one word on the stack, after a few pushes. */
const piece = fc.oneof(
  // Arithmetic, comparison, bits; CLZ (1e) came with Osaka.
  fc
    .tuple(word, word, opcode('01', '02', '03', '04', '05', '06', '07', '0a', '0b', '10', '12', '14', '16', '1b', '1d'))
    .map(([a, b, code]) => push(a) + push(b) + code),
  fc.tuple(word, opcode('15', '19', '1e')).map(([a, code]) => push(a) + code),
  fc.tuple(word, word, word, opcode('08', '09')).map(([a, b, c, code]) => push(a) + push(b) + push(c) + code),
  // Storage, plain and transient: set, set again, clear, read.
  fc.tuple(word, slot, opcode('55', '5d')).map(([value, key, code]) => push(value) + push(key) + code),
  fc.tuple(slot, opcode('54', '5c')).map(([key, code]) => push(key) + code),
  // Memory, copies, hashes, logs.
  fc.tuple(word, fc.nat(600)).map(([value, at]) => `${push(value)}${push(at)}52`),
  fc.tuple(fc.nat(100), fc.nat(300), fc.nat(300)).map(([size, from, to]) => `${push(size)}${push(from)}${push(to)}5e`),
  fc.tuple(fc.nat(200), fc.nat(300)).map(([size, at]) => `${push(size)}${push(at)}20`),
  fc.tuple(word, fc.nat(100), fc.nat(100)).map(([topic, size, at]) => `${push(topic)}${push(size)}${push(at)}a1`),
  // Reads of the execution environment.
  opcode('30', '32', '33', '34', '36', '38', '3a', '3d', '41', '42', '43', '45', '46', '47', '48', '58', '59'),
  fc.tuple(word, opcode('31', '3b', '3f', '40')).map(([of, code]) => push(of) + code),
  // Calls to precompiles (1 to 0x11, and P256VERIFY), to an empty account, to itself; with and without gas and value.
  fc
    .tuple(
      opcode('f1', 'f4', 'fa'),
      fc.oneof(fc.integer({ min: 1, max: 0x11 }), fc.constantFrom(0x100, 0xdead)).filter((to) => to !== KZG),
      fc.nat(200),
    )
    .map(
      ([code, to, size]) =>
        `${push(32)}${push(0)}${push(size)}${push(0)}${code === 'f1' ? push(0) : ''}${push(to)}61ffff${code}`,
    ),
  // Creation from memory, mostly invalid code.
  fc
    .tuple(fc.nat(64), fc.nat(64), fc.nat(9))
    .map(([size, at, salt]) => `${push(salt)}${push(size)}${push(at)}${push(0)}f5`),
  // Rarely: an invalid opcode, a return, a revert.
  fc.oneof(
    { weight: 30, arbitrary: fc.constant('5f50') },
    { weight: 1, arbitrary: opcode('0c', '5f5ffd', '60205ff3', '00', '50') },
  ),
);
const program = fc
  .array(piece, { minLength: 5, maxLength: 60, size: 'max' })
  .map((pieces): Hex => `0x${pieces.join('')}`);

it('cost the same gas, emit the same logs and fail alike', async () => {
  const seen = { success: 0, reverted: 0 };
  await fc.assert(
    fc.asyncProperty(program, fc.constantFrom(3_000_000n, 400_000n, 90_000n), async (data, gas) => {
      const { status } = await chains.run(data, alice, { data, gas, value: 3n });
      seen[status]++;
    }),
    // A fixed seed, and no shrinking, since a chain cannot go back.
    { numRuns: 150, seed: 51_711_829, endOnFailure: true },
  );
  expect(seen.success).toBeGreaterThan(20);
  expect(seen.reverted).toBeGreaterThan(5);
  await chains.ask('eth_getBalance', [alice.address, 'latest']);
  await chains.ask('eth_getBalance', [numberToHex(0, { size: 20 }), 'latest']);
});
