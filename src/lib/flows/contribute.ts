// Contributes a file: reads its rows, drops those that the contributor leaves out, packs the rest, has them signed, keeps them on
// this device and puts them into the outbox. Nothing leaves the device here.

import type { CID } from 'multiformats/cid';
import { NoRowsError } from '#lib/dataset/errors.ts';
import { NothingLeftError } from '#lib/datanets/errors.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { eventsDuring } from '#lib/core/events-during.ts';
import type { Block } from '#lib/formats/block/block.ts';
import type { Outbox, OutboxRecord } from '#lib/db/outbox.ts';
import {
  inspectImport,
  type ImportReport,
  type InspectedBatch,
  type InspectOptions,
} from '#lib/datanets/import/inspect-import.ts';
import type { ImportSource } from '#lib/datanets/import/import-file.ts';
import { packContribution } from '#lib/datanets/contributions/pack-contribution.ts';
import type { RowSealer } from '#lib/datanets/contributions/seal-contribution.ts';
import type { NumberedRow } from '#lib/dataset/write-shards.ts';
import { writeFile } from '#lib/ipfs/add-files.ts';
import { Undoable } from '#lib/ipfs/undo.ts';
import { pin, unpin } from '#lib/ipfs/pins.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import type { DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { keepRing } from '#lib/datanets/keys/row-keys.ts';

export interface ContributeInput {
  facts: DatanetFacts;
  /** Shown to people. */
  datanetName: string;
  file: ImportSource;
  inspect: Omit<InspectOptions, 'digester' | 'signal'>;
  leaveOut: { exact: boolean; near: boolean; private: boolean };
  /** Encrypts the rows for the members; null leaves them readable to all. */
  sealer: RowSealer | null;
  payer: OutboxRecord['payer'];
}

export type ContributeEvent =
  | { type: 'reading'; bytes: number; ofBytes: number; rows: number }
  | { type: 'packing'; rows: number }
  | { type: 'kept'; record: OutboxRecord; report: ImportReport; leftOut: number };

type Needs = 'chain' | 'ipfs' | 'digester' | 'nowSeconds' | 'spill' | 'runBytes';
export type ContributeContext = Pick<DatanetContext, Needs> & { outbox: Outbox };

/**
 * Keeps nothing unless it ends with `kept`.
 *
 * @throws NoRowsError, RowConflictError, OtherContributorError, UnsignedError, FormatError, StorageFullError, AbortedError
 *
 * @example
 * import { contribute } from '#lib/flows/contribute.ts';
 *
 * const leaveOut = { exact: true, near: false, private: true };
 * const input = { facts, datanetName: 'Rare birds', file: importFile, inspect, leaveOut, sealer: null };
 * for await (const event of contribute({ ...datanets, outbox }, { ...input, payer: 'contributor' }, { signal })) {
 *   if (event.type === 'kept') show(`${event.record.rows} rows are signed, ${event.leftOut} left out`);
 * }
 */
export async function* contribute(
  { chain, ipfs, digester, nowSeconds, spill, runBytes, outbox }: ContributeContext,
  { facts, datanetName, file, inspect, leaveOut, sealer, payer }: ContributeInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<ContributeEvent, void, void> {
  const signer = await chain.signer();
  const contributor = signer.account.address.toLowerCase() as Hex;
  const { commercial, derivative, spdx } = facts.licence;
  const licence = { spdx, commercial, derivative };
  /** Reports what happens while the next block is awaited. */
  let push: (event: ContributeEvent) => void = () => undefined;
  let report: ImportReport | null = null;
  let leftOut = 0;
  const store = new Undoable(ipfs.node);
  const files = new Map<string, number>();
  /** By digest: sealing the same picture twice would give two files. */
  const attached = new Map<Hex, CID>();
  async function attach(bytes: Uint8Array<ArrayBuffer>): Promise<CID> {
    const digest = toHex(digester.sha256(bytes));
    const before = attached.get(digest);
    if (before) return before;
    const content = sealer ? await sealer.sealFile(bytes) : bytes;
    const cid = await writeFile(store, content);
    files.set(cid.toString(), content.length);
    attached.set(digest, cid);
    return cid;
  }

  async function* rows(): AsyncGenerator<NumberedRow[], void, undefined> {
    const batches = inspectImport(file, { ...inspect, licence, digester, attach, signal });
    let taken = 0;
    for (;;) {
      const { done, value } = await batches.next();
      if (done) {
        report = value;
        return;
      }
      const kept = value.rows.filter((row) => !isLeftOut(row, leaveOut));
      leftOut += value.rows.length - kept.length;
      push({ type: 'reading', bytes: value.bytes, ofBytes: file.size, rows: (taken += kept.length) });
      yield kept.map(({ row, line }) => ({ row, line }));
    }
  }
  const source = sealer ? sealer.seal(rows()) : rows();
  const terms = { datanet: facts.name, contributor, licence, createdAt: nowSeconds() };
  const blocks = packContribution(source, terms, {
    ...{ name: file.name, digester, spill: spill(), runBytes, signal },
    onProgress: (stage, count) => stage === 'write' && push({ type: 'packing', rows: count }),
    sign: (typed) => signer.signTypedData(typed),
    files,
  });
  try {
    let next: IteratorResult<Block, { cid: CID; contribution: { rowRoot: Hex; stats: { rows: number } } }>;
    do {
      next = yield* eventsDuring<ContributeEvent, typeof next>((report) => {
        push = report;
        return blocks.next();
      });
      if (!next.done) await store.put(next.value.cid, next.value.bytes);
    } while (!next.done);
    const { cid, contribution } = next.value;
    if (sealer) await keepRing(ipfs.node, sealer.ring, facts.name);
    await pin(ipfs.node, cid, { name: `contribution to ${facts.name}`, signal });
    // Removes files of rows that were left out: no pin holds them.
    if (files.size > 0 && leftOut > 0) await store.takeBack();
    const record: OutboxRecord = {
      id: cid.toString(),
      chainId: chain.chain.id,
      datanet: String(facts.id),
      datanetName,
      contributor,
      content: toHex(cid.multihash.digest),
      rows: contribution.stats.rows,
      rowRoot: contribution.rowRoot,
      ring: sealer && sealer.ring.cid.toString(),
      payer,
      offer: null,
      stage: 'kept',
      problem: '',
      createdAt: nowSeconds() * 1000,
    };
    await outbox.put(record).catch(async (error: unknown) => {
      await unpin(ipfs.node, cid);
      throw error;
    });
    yield { type: 'kept', record, report: report!, leftOut };
  } catch (error) {
    await store.takeBack().catch(() => undefined);
    if (error instanceof NoRowsError && leftOut > 0) throw new NothingLeftError(file.name, leftOut);
    throw error;
  } finally {
    store.keep();
  }
}

const isLeftOut = (
  { duplicate, findings }: InspectedBatch['rows'][number],
  leaveOut: ContributeInput['leaveOut'],
): boolean => (duplicate !== null && leaveOut[duplicate.kind]) || (leaveOut.private && findings.length > 0);
