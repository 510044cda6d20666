// `payable datanet import`: converts a file of any known kind to rows, and checks them.

import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Digester } from '#lib/core/digester.ts';
import { attachmentsOf } from '#lib/formats/datanet/attachments.ts';
import type { DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import { findLicence } from '#lib/formats/datanet/licences.ts';
import { createLanguageDetector } from '#lib/datanets/checks/language.ts';
import { NoUsableRowError } from '#lib/datanets/errors.ts';
import { createSchemaCheck } from '#lib/datanets/checks/check-schema.ts';
import { previewImport } from '#lib/datanets/import/import-rows.ts';
import type { ImportFile, PictureSet } from '#lib/datanets/import/import-file.ts';
import {
  inspectImport,
  type DuplicateRow,
  type ImportReport,
  type InspectOptions,
} from '#lib/datanets/import/inspect-import.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import type { NewFile } from '#lib/ipfs/add-files.ts';
import type { OptionValues } from '../command.ts';
import { FileError } from '#node/errors.ts';
import { UsageError } from '../errors.ts';
import { isDirectory, readJsonInput, requireFile } from '../input-files.ts';
import * as option from '../option-values.ts';
import { replaceFile } from '#node/replace-file.ts';
import { requireOutputFile } from '../output-file.ts';
import { readReading } from './import-options.ts';
import { withVersion } from './version-folder.ts';

export interface ImportRequest {
  path: string;
  values: OptionValues;
  digester: Digester;
  signal: AbortSignal;
}

export async function importFile(request: ImportRequest): Promise<Record<string, unknown>> {
  const { path, values, digester, signal } = request;
  const file = isDirectory(path) ? await pictureSet(path) : diskFile(path);
  const seen = new Map<string, ImportFile>();
  const attach = async (bytes: Uint8Array, picture: ImportFile) => {
    // Most imports need no IPFS.
    const { idOfFile } = await import('#lib/ipfs/add-files.ts');
    const cid = await idOfFile(bytes);
    seen.set(cid.toString(), picture);
    return cid;
  };
  const options = { ...(await readOptions(request)), attach, signal };
  const outName = option.text(values, 'out');
  if (outName === undefined) {
    const { format, shape, fields, numeric, rows, issues } = await previewImport(file, options);
    if (rows.length === 0 && fields.length === 0) throw new NoUsableRowError(file.name, issues[0]);
    const mapping = options.mapping ?? shape?.mapping ?? null;
    const name = shape?.name ?? (format === 'image' ? 'image' : 'unknown');
    return { format, shape: name, mapping, fields, numeric, preview: rows, issues };
  }
  const out = requireOutputFile(outName);
  const drop = { exact: option.flag(values, 'drop-duplicates'), near: option.flag(values, 'drop-near') };
  const run = async (known?: OpenVersion) => {
    const reported: { report?: ImportReport } = {};
    const inspected = inspectImport(file, { ...options, known });
    const written = { rows: 0, pictures: new Set<ImportFile>() };
    const attached: { attachments?: Record<string, unknown> } = {};
    const onRow = ({ value }: DatanetRow): void => {
      written.rows++;
      for (const { cid } of attachmentsOf(value)) if (seen.has(cid)) written.pictures.add(seen.get(cid)!);
    };
    // Written before the rows, so that no row names a missing picture.
    const bytes = await replaceFile(out, rowLines(inspected, file.name, drop, reported, onRow), async () => {
      if (written.pictures.size === 0) return;
      const { writeAttachments } = await import('./attachments-car.ts');
      const kept = await writeAttachments(out, contentsOf(written.pictures));
      attached.attachments = { ...kept, files: written.pictures.size };
    });
    return { written: written.rows, bytes, ...reported.report, ...attached };
  };
  const against = option.text(values, 'against');
  return against === undefined ? run() : withVersion(against, digester, signal, ({ open: known }) => run(known));
}

/** Read once more, so that memory holds one at a time. */
async function* contentsOf(pictures: Iterable<ImportFile>): AsyncGenerator<NewFile> {
  for (const picture of pictures) yield { path: picture.name, content: await picture.read(0, picture.size) };
}

export const diskFile = (path: string): ImportFile => ({
  name: basename(path),
  size: requireFile(path),
  stream: () => createReadStream(path, { highWaterMark: 1 << 20 }),
  read: (start, end) => readRange(path, start, end),
});

/** The files of a folder, by name. */
async function pictureSet(path: string): Promise<PictureSet> {
  const names = (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  if (names.length === 0) throw new FileError(path, 'there is no file in it', 'Name a folder with pictures.');
  const pictures = names.sort().map((name) => diskFile(join(path, name)));
  return { name: basename(path), size: pictures.reduce((sum, { size }) => sum + size, 0), pictures };
}

async function* rowLines(
  inspected: ReturnType<typeof inspectImport>,
  name: string,
  drop: Record<DuplicateRow['kind'], boolean>,
  reported: { report?: ImportReport },
  onRow: (row: DatanetRow) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  for (let next = await inspected.next(); ; next = await inspected.next()) {
    if (next.done) {
      const [first] = next.value.issues.first;
      if (next.value.rows === 0) throw new NoUsableRowError(name, first);
      reported.report = next.value;
      return;
    }
    const rows = next.value.rows.filter(({ duplicate }) => !duplicate || !drop[duplicate.kind]);
    for (const { row } of rows) onRow(row);
    if (rows.length > 0) yield encoder.encode(rows.map(({ row }) => `${row.text}\n`).join(''));
  }
}

async function readOptions({ path, values, digester }: ImportRequest): Promise<InspectOptions> {
  const contributor = option.text(values, 'contributor');
  if (contributor !== undefined && !/^0x[0-9a-fA-F]{40}$/.test(contributor)) {
    throw new UsageError(`Option --contributor is "${contributor}".`, 'It takes an address, 0x and 40 hex digits.');
  }
  const spdx = option.text(values, 'licence');
  const licence = spdx === undefined ? undefined : findLicence(spdx);
  if (spdx !== undefined && !licence) {
    throw new UsageError(
      `Option --licence is "${spdx.slice(0, 80)}".`,
      'It takes an SPDX id that Payable lists, such as CC-BY-4.0.',
    );
  }
  const schema = option.text(values, 'schema');
  return {
    digester,
    languageOf: await createLanguageDetector(),
    ...readReading(values, path),
    threshold: option.number(values, 'threshold', 0.5, 1),
    schema: schema === undefined ? undefined : createSchemaCheck(readJsonInput(schema), schema),
    licence,
    add: { ...(contributor === undefined ? {} : { contributor: contributor.toLowerCase() }) },
  };
}

async function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array(Math.max(0, end - start));
    let at = 0;
    while (at < bytes.length) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } finally {
    await file.close();
  }
}
