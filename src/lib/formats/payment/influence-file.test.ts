// A file of influence gives back the rows it was made of, in pieces, and refuses what is not one.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digester } from '#tests/support/datanets.ts';
import { bytes, uint, uint32 } from '#tests/support/random-values.ts';
import { cborCidOf, type Block } from '../block/block.ts';
import {
  encodeInfluenceFile,
  parseInfluenceHead,
  parseInfluencePiece,
  PIECE_ROWS,
  type FiledRow,
  type InfluenceHead,
} from './influence-file.ts';

const rows: fc.Arbitrary<FiledRow> = fc.record({
  ...{ rowLeaf: bytes(32), cluster: uint32, contributor: bytes(20), datanet: uint(64), version: uint32 },
  ...{ scale: fc.nat(0xffff), ownScale: fc.nat(0xffff), vector: fc.int8Array({ minLength: 256, maxLength: 256 }) },
});
const headOf = (count: number): InfluenceHead => ({
  ...{ root: `0x${'31'.repeat(32)}`, rows: count, threshold: 2 ** 40 - 1, rhoBps: 8_000, liftPerToken: 20 },
  parent: { model: 3n, version: 1 },
  cited: [{ datanet: 2n ** 64n - 1n, version: 2, weight: 5, manifest: cborCidOf(new Uint8Array(32)) }],
});
const fileOf = (list: readonly FiledRow[]): Block[] => [...encodeInfluenceFile(headOf(list.length), list, digester)];

it('rows are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(rows, { minLength: 1, maxLength: 5 }), (list) => {
      const [piece, head] = fileOf(list);
      expect(parseInfluenceHead(head!.bytes, 'it')).toEqual({ ...headOf(list.length), pieces: [piece!.cid] });
      expect(parseInfluencePiece(piece!.bytes, 0, list.length, 'it')).toEqual(list);
    }),
    { numRuns: 30 },
  );
});

it('a long file has several pieces, each below a mebibyte', () => {
  const [row] = fc.sample(rows, { numRuns: 1, seed: 1 });
  const list = Array.from({ length: PIECE_ROWS + 1 }, (_, cluster) => ({ ...row!, cluster }));
  const blocks = fileOf(list);
  expect(blocks.map((block) => block.bytes.length)).toEqual([PIECE_ROWS * 328, 328, blocks[2]!.bytes.length]);
  expect(blocks[0]!.bytes.length).toBeLessThan(2 ** 20);
  expect(parseInfluencePiece(blocks[1]!.bytes, 1, list.length, 'it')).toEqual([list[PIECE_ROWS]]);
  expect(() => parseInfluencePiece(blocks[1]!.bytes, 0, list.length, 'it')).toThrow('not the');
  expect(() => [...encodeInfluenceFile(headOf(1), list, digester)]).toThrow('not the 1 committed');
});

it('what is out of bounds is refused by name', () => {
  const [row] = fc.sample(rows, { numRuns: 1, seed: 1 });
  const make = (change: Partial<InfluenceHead>) => [
    ...encodeInfluenceFile({ ...headOf(1), ...change }, [row!], digester),
  ];
  expect(() => make({ threshold: 2 ** 40 })).toThrow('"threshold"');
  expect(() => make({ rhoBps: 8_001 })).toThrow('"rho"');
  expect(() => make({ liftPerToken: -1 })).toThrow('"lift"');
  expect(() => make({ parent: { model: 0n, version: 1 } })).toThrow('"parent.model"');
  expect(() => parseInfluenceHead(new Uint8Array(70_000), 'it')).toThrow('more than 65536');
  expect(() => parseInfluenceHead(fileOf([row!])[0]!.bytes, 'it')).toThrow('not valid dag-cbor');
});
