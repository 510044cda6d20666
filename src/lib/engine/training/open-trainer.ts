// From a request to a trainer on the model of a session: new adapters are made, others are read, and all of it lies on a device borrowed
// from the session, so that a training that fails takes no answer with it.

import type { Folder, FolderRef } from '#lib/core/folder.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { readJsonFile } from '#lib/formats/json/json-file.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import { layersPrefix } from '#lib/model/layers-prefix.ts';
import { openAdapter } from '#lib/model/sources/open-adapter.ts';
import type { BorrowedDevice } from '#lib/webgpu/borrow-device.ts';
import type { Session } from '../session.ts';
import { createAdapterTrainer } from './adapter-trainer.ts';
import { checkTrainableModel } from './check-trainable.ts';
import { TrainingRequestError } from './errors.ts';
import { freshAdapter } from './fresh-adapter.ts';
import type { KeptTraining } from './keep-training.ts';
import type { TrainingRequest, TrainingStart } from './training-host.ts';

export interface OpenTrainer extends KeptTraining {
  device: BorrowedDevice;
  request: TrainingRequest;
  /** By adapter: the PEFT folder that it started from. */
  folders: readonly Folder[];
}

export interface OpenTrainerOptions {
  device: BorrowedDevice;
  session: Pick<Session, 'architecture' | 'folder' | 'info' | 'weights'>;
  openFolder(ref: FolderRef): Folder;
  now(): number;
  signal?: AbortSignal | undefined;
}

export async function openTrainer(request: TrainingRequest, of: OpenTrainerOptions): Promise<OpenTrainer> {
  const { device, session } = of;
  const { architecture, weights, info } = session;
  checkTrainableModel(architecture);
  const folders: Folder[] = [];
  for (const start of request.adapters) folders.push(await openStart(start, of));
  const { rows, segments, length } = request;
  const trainer = await createAdapterTrainer(
    { device, architecture, weights, adapters: folders, now: () => of.now() },
    { rows, segments, length },
  );
  await device.settle();
  const facts = { model: info.id, 'weight format': info.dtype };
  return { ...{ device, request, folders, trainer, facts } };
}

async function openStart(start: TrainingStart, { device, session, openFolder, signal }: OpenTrainerOptions) {
  const { architecture, weights, folder: model, info } = session;
  if ('fresh' in start) {
    const prefix = layersPrefix(await readJsonFile(model, 'config.json'), adaptableBase(architecture));
    const of = { device, architecture, weights, prefix, baseName: info.name };
    const { name, files } = await freshAdapter(start.fresh, of);
    return createMemoryFolder(name, new Map(files.map(({ path, bytes }) => [path, bytes])));
  }
  const folder = await openAdapter(openFolder(start.folder), architecture, signal);
  if ((folder.origins?.(ADAPTER_CONFIG) ?? [ADAPTER_CONFIG]).join() === ADAPTER_CONFIG) return folder;
  throw new TrainingRequestError(
    `The adapter in ${folder.name} is not in the form of PEFT.`,
    'Export it as a PEFT folder, then train that.',
  );
}
