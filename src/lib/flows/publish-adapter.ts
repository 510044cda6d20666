// Publishes an adapter as planned: keeps its folder here and at the pinners, registers its base where the chain lacks it, registers the
// version, and waits for the transactions. What was uploaded or registered before is not done again, so a broken run can be repeated.

import type { CID } from 'multiformats/cid';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { publishModel } from '#lib/chain/actions/models/publish-model.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { findBase, findReleaseOf, type Release } from '#lib/chain/reads/read-release.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { eventsDuring } from '#lib/core/events-during.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { uploadToPinners, type UploadOutcome, type UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { addFolder } from '#lib/ipfs/add-files.ts';
import { pin } from '#lib/ipfs/pins.ts';
import type { ExportedFile } from '#lib/model/exports/exported-file.ts';
import { FilesChangedError, NotRegisteredError, ReleaseUnderWayError } from '#lib/registry/errors.ts';
import { newFiles } from '#lib/registry/publishing/folder-files.ts';
import type { PublicationPlan } from './plan-publication.ts';

export type PublishAdapterContext = Pick<DatanetContext, 'chain' | 'ipfs' | 'pinners' | 'run' | 'underWay'>;

export type PublishAdapterEvent =
  | { type: 'storing'; what: 'adapter' | 'base'; bytes: number; ofBytes: number }
  | ({ type: 'uploading'; what: 'adapter' | 'base' } & UploadProgress)
  /** So many pinners keep it now; `fresh` of them did not before. */
  | { type: 'brought'; what: 'adapter' | 'base'; pinners: number; fresh: number }
  | { type: 'registering'; what: 'base' | 'model' }
  | { type: 'published'; release: Release; folder: CID; manifest: CID };

/**
 * @throws FilesChangedError, ReleaseUnderWayError, NotRegisteredError, StorageFullError, AbortedError, errors of pinners and of the wallet
 *
 * @example
 * import { publishAdapter } from '#lib/flows/publish-adapter.ts';
 *
 * for await (const event of publishAdapter(datanets, publicationPlan, { signal })) {
 *   if (event.type === 'published') show(`Model ${event.release.model} v${event.release.version}`);
 * }
 */
export async function* publishAdapter(
  context: PublishAdapterContext,
  plan: PublicationPlan,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<PublishAdapterEvent, void, void> {
  const { chain, ipfs, underWay } = context;
  const { card, manifest, folder, base } = plan;
  const done = (release: Release): PublishAdapterEvent => ({
    ...{ type: 'published', release, folder, manifest: manifest.cid },
  });
  const digest = plan.release.manifest as Hex;
  if ((await underWay()).some((data) => data.includes(digest.slice(2)))) throw new ReleaseUnderWayError();
  if (base.published) {
    yield* store(context, 'base', base.published.files, base.published.folder, signal);
    yield* upload(context, 'base', base.published.folder, `base of ${card.name}`, signal);
  }
  yield* store(context, 'adapter', plan.files, folder, signal);
  await ipfs.node.blocks.put(manifest.cid, manifest.bytes);
  yield* upload(context, 'adapter', manifest.cid, card.name, signal);

  const owner = (await chain.signer()).account.address;
  const model = 'model' in plan.as ? plan.as.model : null;
  const find = () => findReleaseOf(chain, { owner, manifest: digest, model });
  const before = await find();
  if (before) {
    yield done(before);
    return;
  }
  const baseId = yield* registerBase(context, plan);
  yield { type: 'registering', what: 'model' };
  const action = await planOf(context, plan, baseId);
  const isDone = await context.run(action);
  const release = await find();
  if (release) {
    yield done(release);
    return;
  }
  throw isDone ? new ReleaseUnderWayError() : new NotRegisteredError();
}

const planOf = ({ chain }: PublishAdapterContext, plan: PublicationPlan, base: number): Promise<ActionPlan> => {
  const { as, release, licence, terms, prices } = plan;
  if ('model' in as) return publishModel(chain, { model: as.model, release });
  return registerModel(chain, { base, licence, terms, first: release, ...prices });
};

/** The number of the base; another account may register it meanwhile, which does as well. */
async function* registerBase(
  { chain, run }: PublishAdapterContext,
  { base: { architecture, family, licence } }: PublicationPlan,
): AsyncGenerator<PublishAdapterEvent, number, void> {
  const known = await findBase(chain, architecture);
  if (known) return known.id;
  yield { type: 'registering', what: 'base' };
  await run(await addBase(chain, { family, architecture, licence }));
  const added = await findBase(chain, architecture);
  if (!added) throw new NotRegisteredError();
  return added.id;
}

type Stored = 'adapter' | 'base';

async function* store(
  { ipfs }: PublishAdapterContext,
  what: Stored,
  files: readonly ExportedFile[],
  planned: CID,
  signal: AbortSignal,
): AsyncGenerator<PublishAdapterEvent, void, void> {
  const ofBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const root = yield* eventsDuring<PublishAdapterEvent, CID>((push) => {
    const onProgress = (bytes: number) => push({ type: 'storing', what, bytes, ofBytes });
    return addFolder(ipfs.node, newFiles(files, signal), { signal, onProgress });
  });
  // The plan was shown and is signed for other bytes.
  if (root.toString() !== planned.toString()) throw new FilesChangedError(planned.toString());
}

async function* upload(
  context: PublishAdapterContext,
  what: Stored,
  root: CID,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<PublishAdapterEvent, void, void> {
  await pin(context.ipfs.node, root, { name, signal });
  const { at, fresh } = yield* eventsDuring<PublishAdapterEvent, UploadOutcome>((push) => {
    const onProgress = (progress: UploadProgress) => push({ type: 'uploading', what, ...progress });
    return uploadToPinners(context, root, name, { onProgress, signal });
  });
  yield { type: 'brought', what, pinners: at.length, fresh: fresh.length };
}
