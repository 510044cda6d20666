// Training as a verb of the engine: one training is open at a time, on the session in use, and ends with it. Its calls run one after
// the other. What a training is made of is in `open-trainer.ts`.

import { AbortedError } from '#lib/core/errors.ts';
import type { Folder, FolderRef } from '#lib/core/folder.ts';
import { borrowDevice } from '#lib/webgpu/borrow-device.ts';
import type { Session } from '../session.ts';
import { checkBatches, checkRequest, checkSettings } from './check-training.ts';
import { NoTrainingError } from './errors.ts';
import { restoreTraining, saveTraining } from './keep-training.ts';
import { openTrainer, type OpenTrainer } from './open-trainer.ts';
import { trainedFiles } from './trained-files.ts';
import type { AdapterFiles, TrainingHost, TrainingInfo } from './training-host.ts';

export interface TrainingOptions {
  /** The session in use, made again first when its device failed. */
  current(): Promise<Session>;
  openFolder(ref: FolderRef): Folder;
  now(): number;
}

export function createTraining({ current, ...host }: TrainingOptions): TrainingHost {
  let open: OpenTrainer | null = null;
  /** Ends what is open or being opened; also in the middle of a call. */
  let end: (reason: Error) => void = () => undefined;
  /** What ended the last training, where that was no wish of the caller. */
  let failure: Error | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const withOpen = <T>(work: (of: OpenTrainer) => Promise<T>): Promise<T> =>
    inTurn(async () => {
      if (open) return work(open);
      throw failure ?? new NoTrainingError();
    });
  const close = () => {
    end(new AbortedError());
    failure = null;
  };

  return {
    openTraining(request, signal) {
      close();
      return inTurn(async () => {
        // One that was being opened may be open by now.
        close();
        checkRequest(request);
        const session = await current();
        await session.finished;
        session.closing.throwIfAborted();
        if (signal?.aborted) throw new AbortedError(signal.reason);
        const device = borrowDevice(session.device);
        const onClosing = () => end(session.closing.reason as Error);
        const onAbort = () => end(new AbortedError(signal?.reason));
        end = (reason) => {
          session.closing.removeEventListener('abort', onClosing);
          device.end(reason);
          open = null;
          failure = reason instanceof AbortedError ? null : reason;
          end = () => undefined;
        };
        session.closing.addEventListener('abort', onClosing);
        signal?.addEventListener('abort', onAbort);
        try {
          const opened = await openTrainer(request, { ...host, device, session, signal });
          device.check();
          open = opened;
          return infoOf(opened);
        } catch (error) {
          end(new AbortedError(error));
          throw error;
        } finally {
          signal?.removeEventListener('abort', onAbort);
        }
      });
    },
    trainStep: (batches, settings) =>
      withOpen(async ({ request, trainer }) => {
        checkBatches(batches, request);
        checkSettings(settings, request.adapters.length);
        return trainer.step(batches, settings);
      }),
    scoreExamples: (batches) =>
      withOpen(async ({ request, trainer }) => {
        checkBatches(batches, request);
        return trainer.score(batches);
      }),
    saveTraining: () => withOpen(saveTraining),
    restoreTraining: (state) => withOpen((of) => restoreTraining(of, state)),
    trainedAdapters: () =>
      withOpen(async ({ trainer, folders }) => {
        const files: AdapterFiles[] = [];
        const tensors = await trainer.weights();
        for (const [i, folder] of folders.entries()) files.push(await trainedFiles(folder, tensors[i]!));
        return files;
      }),
    closeTraining() {
      close();
      return inTurn(() => Promise.resolve(close()));
    },
  };
}

function infoOf({ device, trainer, folders }: OpenTrainer): TrainingInfo {
  const { adapters, optimizer } = trainer.bytes;
  return {
    adapters: trainer.adapters.map(({ plan, tables }, i) => {
      const sizes = new Map<string, number>();
      for (const { a, b, magnitude, rank, target } of plan.matrices) {
        // Projections of one module have one A, and each its rows of B.
        sizes.set(a.name, rank * target.input);
        sizes.set(`${b.name} ${target.index}`, rank * target.output);
        if (magnitude) sizes.set(`${magnitude.name} ${target.index}`, target.output);
      }
      const ofTables = (tables?.matrices ?? []).map(({ of: { matrix } }) => matrix.rows * matrix.columns);
      const parameters = [...sizes.values(), ...ofTables].reduce((sum, size) => sum + size, 0);
      return { name: folders[i]!.name, parameters };
    }),
    gpuBytes: { adapters, optimizer, activations: device.ownBytes - adapters - optimizer },
  };
}
