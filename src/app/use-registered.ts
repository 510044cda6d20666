// Takes a registered version into the chat from its number alone: the chain names its manifest, the manifest its folder, the card in the
// folder its base. What is fetched is kept on this device, and must have the hashes that the chain has.

import { hashFiles } from '#lib/core/hash.ts';
import type { KeptModel } from '#lib/db/kept-models.ts';
import { modelId } from '#lib/engine/model-id.ts';
import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { parseRepo } from '#lib/files/parse-repo.ts';
import { repoName } from '#lib/files/repo.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { ModelNotFoundError, OtherFilesError } from '#lib/registry/errors.ts';
import { findRegisteredModel } from '#lib/registry/published/find-registered-model.ts';
import type { FactoryBase } from '#lib/state/factory-run.ts';
import { composeChat } from './compose-chat.ts';
import { composeDatanets } from './compose-datanets.ts';
import { composeHub } from './compose-hub.ts';
import { openFactoryBase } from './factory-places.ts';

export type UseStage = 'finding' | 'base' | 'adapter' | 'checking';

const DEMO: FactoryBase = { kind: 'demo', name: 'Nano' };

/** @throws ModelNotFoundError, OtherFilesError, FormatError, and errors of fetching */
export async function fetchRegistered(
  wanted: { model: bigint; version: number },
  onStage: (stage: UseStage) => void,
  signal: AbortSignal,
): Promise<{ base: FactoryBase; adapterId: string }> {
  onStage('finding');
  const { chain, ipfs } = await composeDatanets().context();
  const { release, files, base: card } = await findRegisteredModel({ chain, block: ipfs.block }, wanted, { signal });
  const named = `Model ${wanted.model} v${wanted.version}`;
  if (card === null)
    throw new ModelNotFoundError(`${named} has no card, so its base is not known.`, 'Open it on its base in the chat.');
  onStage('base');
  const base = await baseOf(card.place, card.id, signal);
  onStage('adapter');
  const adapter = await fetched(files, base.kind === 'kept' ? base.name : undefined, signal);
  onStage('checking');
  const folder = openBrowserFolder(await composeHub().openKept(adapter));
  const found = await hashFiles(folder, [ADAPTER_CONFIG, ADAPTER_WEIGHTS], signal);
  if (`0x${found}` !== release.adapter) throw new OtherFilesError(`The adapter of ${named}`, release.adapter, found);
  return { base, adapterId: adapter.id };
}

/** The demo model is with the app; another base is fetched from where its card says, unless it is here. */
async function baseOf(place: string, id: string, signal: AbortSignal): Promise<FactoryBase> {
  const demo = await modelId(openBrowserFolder(await openFactoryBase(DEMO, signal)), signal);
  if (demo === id) return DEMO;
  const record = await fetched(place, undefined, signal);
  const found = await modelId(openBrowserFolder(await composeHub().openKept(record)), signal);
  if (found !== id) throw new OtherFilesError('The base', `0x${id}`, found);
  return { kind: 'kept', id: record.id, name: record.repo };
}

async function fetched(place: string, base: string | undefined, signal: AbortSignal): Promise<KeptModel> {
  const { kept } = composeHub();
  const repo = parseRepo(place);
  const name = repoName(repo);
  const id = `${name}@${repo.revision}`;
  const before = await kept.get(id);
  if (before?.state === 'complete') return before;
  const stop = () => kept.pause(name);
  signal.addEventListener('abort', stop);
  try {
    await kept.download(repo, composeChat().settings.values.dtype, base);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  const now = await kept.get(id);
  if (now?.state === 'complete') return now;
  const problem = now?.problem ?? kept.problem;
  throw new ModelNotFoundError(
    `${name} could not be fetched. ${problem?.message ?? ''}`.trim(),
    problem?.hint ?? 'Name a gateway or a pinner under Pinners, and try again.',
  );
}
