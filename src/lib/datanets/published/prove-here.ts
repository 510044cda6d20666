// A row of a version with its proof, both recomputed on this device, so that the source of the proof need not be trusted.

import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { verifyRowProof } from '#lib/core/row-tree.ts';
import { VersionUnsoundError } from '#lib/dataset/errors.ts';
import { proveRow, type RowProof } from '#lib/dataset/prove-row.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';

/** The row, hashed here, and its proof, verified up to the row root. @throws RowUnknownError, VersionUnsoundError */
export async function proveHere(
  version: OpenVersion,
  row: string,
  digester: Digester,
  signal: AbortSignal,
): Promise<RowProof> {
  const proof = await proveRow(version, row, digester, signal);
  const leaf = toHex(digester.sha256(new TextEncoder().encode(proof.row.text)));
  if (!verifyRowProof(version.version.rowRoot, leaf, proof.siblings)) {
    throw new VersionUnsoundError(version.name, `row "${proof.row.id}" does not lead to its row root`);
  }
  return proof;
}
