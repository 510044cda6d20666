// Hashes of the data of a run: of the rows as they were read, and of the examples that were made of them. Two runs with equal hashes
// train on the same tokens.

import { joinBytes } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { sha256Hex } from './checkpoint-chain.ts';
import type { ExampleHashes } from './run-progress.ts';
import type { TrainingExample } from './training-example.ts';
import type { RowSource } from './training-row.ts';

export interface HashedSource extends RowSource {
  /** Of the rows that were read last: their number, and the sha256 (hex) over their leaves. */
  read(): { rows: number; leaves: string };
}

export function hashedSource(source: RowSource, digester: Digester): HashedSource {
  let leaves: Uint8Array[] = [];
  return {
    ...source,
    async *rows(signal) {
      leaves = [];
      for await (const batch of source.rows(signal)) {
        for (const { leaf } of batch) leaves.push(leaf);
        yield batch;
      }
    },
    read: () => ({ rows: leaves.length, leaves: sha256Hex(joinBytes(leaves), digester) }),
  };
}

/** By job. */
export function hashJobs(
  data: readonly { train: readonly Hashed[]; validation: readonly Hashed[] }[],
  digester: Digester,
): ExampleHashes[] {
  // Jobs that share their data share its hashes.
  const known = new Map<object, ExampleHashes>();
  return data.map((one) => {
    const hashes = known.get(one) ?? {
      train: hashExamples(one.train, digester),
      validation: hashExamples(one.validation, digester),
    };
    known.set(one, hashes);
    return hashes;
  });
}

type Hashed = Pick<TrainingExample, 'ids' | 'loss'>;

/** sha256 (hex) over the sha256 of each example: its length, its tokens, and which of them are learned. */
function hashExamples(examples: readonly Hashed[], digester: Digester): string {
  const hashes = examples.map(({ ids, loss }) => {
    const bytes = new DataView(new ArrayBuffer(4 + 5 * ids.length));
    bytes.setUint32(0, ids.length, true);
    ids.forEach((id, at) => bytes.setInt32(4 + 4 * at, id, true));
    loss.forEach((one, at) => bytes.setUint8(4 + 4 * ids.length + at, one));
    return digester.sha256(new Uint8Array(bytes.buffer));
  });
  return sha256Hex(joinBytes(hashes), digester);
}
