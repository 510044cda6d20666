// Saves all that a training needs to go on with the same bits, and puts it back: the numbers of a trainer, and facts that tell whose they
// are. What the bytes look like is in `training-state.ts`.

import { createSHA256 } from 'hash-wasm';
import type { BufferPart, Device } from '#lib/webgpu/device.ts';
import type { AdapterTrainer } from './adapter-trainer.ts';
import { hasOwnTables } from './own-tables.ts';
import { encodeTrainingState, parseTrainingState, type StateFacts } from './training-state.ts';

/** Read from the device at once. */
const PIECE_BYTES = 16 << 20;

export interface KeptTraining {
  device: Device;
  trainer: AdapterTrainer;
  /** Of the base model. */
  facts: StateFacts;
}

export async function saveTraining(of: KeptTraining): Promise<Uint8Array<ArrayBuffer>> {
  const { device, trainer } = of;
  const pieces: Uint8Array[] = [];
  for (const parts of inPieces(trainer.lasting)) pieces.push(new Uint8Array(await device.readParts(parts)));
  return encodeTrainingState(await factsOf(of), pieces);
}

/** @throws TrainingStateError, with nothing changed, where the state is not of this training */
export async function restoreTraining(of: KeptTraining, state: Uint8Array<ArrayBuffer>): Promise<void> {
  const { device, trainer } = of;
  const bytes = trainer.lasting.reduce((sum, part) => sum + part.bytes, 0);
  const numbers = await parseTrainingState(state, await factsOf(of), bytes);
  trainer.clear();
  let at = 0;
  for (const part of trainer.lasting) {
    device.write(part.buffer, part.offset, numbers.subarray(at, (at += part.bytes)));
  }
  await device.settle();
}

async function factsOf({ trainer, facts }: KeptTraining): Promise<StateFacts> {
  const hasher = await createSHA256();
  const own: Record<string, string | number> = {};
  trainer.adapters.forEach(({ plan, packed }, i) => {
    const matrices = plan.matrices.map(({ layer, target, rank, scale, a, b, magnitude }) => {
      return [layer, target.index, rank, scale, a.name, b.name, magnitude?.name ?? null];
    });
    const tables = [plan.saved.embedding, plan.saved.head, plan.tables.embedding, plan.tables.head].map((of) => {
      return of && ('scale' in of ? [of.scale, of.a.name, of.a.shape, of.b.name, of.b.shape] : [of.name, of.shape]);
    });
    const shapes = JSON.stringify([
      trainer.pageBytes,
      matrices,
      packed.targets,
      packed.places,
      ...(hasOwnTables(plan) ? [tables] : []),
    ]);
    own[`adapter ${i + 1}`] = `${plan.name}, ${plan.kind}, rank ${plan.rank}`;
    own[`shapes of adapter ${i + 1}`] = hasher.init().update(shapes).digest('hex');
  });
  return { ...facts, adapters: trainer.adapters.length, ...own };
}

function inPieces(parts: readonly BufferPart[]): BufferPart[][] {
  const pieces: BufferPart[][] = [];
  let bytes = Infinity;
  for (const part of parts) {
    if (bytes + part.bytes > PIECE_BYTES) {
      pieces.push([]);
      bytes = 0;
    }
    pieces.at(-1)!.push(part);
    bytes += part.bytes;
  }
  return pieces;
}
