// Where the base and the data of a training run are: folders of models on this device or beside the app, rows of Datanets and files.

import { createSHA256 } from 'hash-wasm';
import { createDigester } from '#lib/core/digester.ts';
import { PayableError } from '#lib/core/errors.ts';
import type { FolderRef } from '#lib/core/folder.ts';
import { importRows } from '#lib/datanets/import/import-rows.ts';
import { readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { openKeptFiles } from '#lib/engine/shell/kept-files.ts';
import { fileSource, shardSource } from '#lib/factory/row-sources.ts';
import type { RowSource } from '#lib/factory/training-row.ts';
import { pickedFile } from '#lib/datanets/import/picked-file.ts';
import { openChainDatanet } from '#lib/flows/open-chain-datanet.ts';
import { openDatanet } from '#lib/flows/open-datanet.ts';
import { findLicence, type Licence } from '#lib/formats/datanet/licences.ts';
import type { RowOpener } from '#lib/dataset/row-opener.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { filesToKeep, readModelIndex } from '#lib/registry/model-index.ts';
import type { FactoryBase, FactorySource } from '#lib/state/factory-run.ts';
import { appUrl } from './app-url.ts';
import { composeDatanets } from './compose-datanets.ts';
import { composeHub } from './compose-hub.ts';
import { composeWallet } from './compose-wallet.ts';
import { shippedDatanets } from './shipped-datanets.ts';

const DEMO = 'models/nano/';

const gone = (what: string) =>
  new PayableError('app/factory-gone', `${what} is no longer on this device.`, { hint: 'Get it again, then resume.' });

/** The demo model is fetched and kept on its first use, as the chat does. */
export async function openFactoryBase(
  base: FactoryBase,
  signal: AbortSignal,
  onLoading: (progress: { loadedBytes: number; totalBytes: number }) => void = () => undefined,
): Promise<FolderRef> {
  if (base.kind === 'kept') {
    const { kept, openKept } = composeHub();
    const found = await kept.get(base.id);
    if (found?.state !== 'complete') throw gone(base.name);
    return openKept(found);
  }
  const url = appUrl(DEMO);
  const index = await readModelIndex(openBrowserFolder({ kind: 'url', url }), signal);
  const store = await openKeptFiles(index.id);
  if (!store) return { kind: 'url', url: new URL(`${index.base}/`, url).href };
  const files = filesToKeep(index);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (!(await store.open(files)))
    await store.fetch(url, files, { signal, onProgress: (loadedBytes) => onLoading({ loadedBytes, totalBytes }) });
  const kept = await store.open(files);
  if (!kept) throw gone(base.name);
  const prefix = `${index.base}/`;
  const below = kept.files.filter(({ path }) => path.startsWith(prefix));
  return {
    kind: 'files',
    name: base.name,
    files: below.map((one) => ({ ...one, path: one.path.slice(prefix.length) })),
  };
}

export const openFactorySources = (sources: readonly FactorySource[], signal: AbortSignal): Promise<RowSource[]> =>
  Promise.all(sources.map((source) => openSource(source, signal)));

async function sha256Of(file: Blob): Promise<string> {
  const hash = await createSHA256();
  for await (const piece of pickedFile(new File([file], '')).stream()) hash.update(piece);
  return hash.digest('hex');
}

const versionSource = (
  version: OpenVersion,
  name: string,
  licence: Licence,
  opener: RowOpener | null = null,
): RowSource => ({ ...shardSource({ ...version, name }, licence, opener), id: version.cid.toString() });

async function openSource(source: FactorySource, signal: AbortSignal): Promise<RowSource> {
  switch (source.kind) {
    case 'file': {
      const { name, file, licence } = source;
      const digester = await createDigester();
      // Read anew each time: a stream of rows can be read once.
      const rows = {
        async *[Symbol.asyncIterator]() {
          const batches = importRows(pickedFile(new File([file], name)), { signal });
          for await (const batch of batches) yield batch.rows.map(({ row }) => row);
        },
      };
      return { ...fileSource(name, rows, digester), id: await sha256Of(file), licence: findLicence(licence) ?? 'own' };
    }
    case 'shipped': {
      for await (const event of openDatanet(shippedDatanets, { id: source.id }, { signal }))
        if (event.type === 'opened') {
          const { version } = event.datanet;
          return versionSource(version, source.name, version.version.licence);
        }
      throw gone(source.name);
    }
    case 'chain': {
      const { context, rowKeys } = composeDatanets();
      const chain = composeWallet().wallet.context();
      if (chain.chain.id !== source.chain)
        throw new PayableError('app/factory-chain', `${source.name} is on another chain.`, {
          hint: 'Choose its chain on the page of Datanets.',
        });
      const datanets = await context();
      const id = BigInt(source.id);
      const { licence, name } = await readDatanetFacts(datanets, id);
      // Sealed rows are read where the wallet gave the key in this visit; others are left out and counted.
      const opener = rowKeys.opened(name)?.opener ?? null;
      for await (const event of openChainDatanet(datanets, { id, version: source.version }, { signal }))
        if (event.type === 'opened') return versionSource(event.datanet.version, source.name, licence, opener);
      throw gone(source.name);
    }
  }
}
