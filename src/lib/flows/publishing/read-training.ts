// The manifest of a training run as a publication uses it: what the card shows of it, which adapter and base it is about, and which
// registered Datanet versions its rows came from.

import type { DatanetVersionRow } from '#lib/chain/indexer/tables.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { ownSources } from '#lib/factory/own-sources.ts';
import type { OriginSource } from '#lib/factory/run-origin.ts';
import { parseTrainingManifest, type TrainingManifest } from '#lib/factory/training-manifest.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { NotPublishableError } from '#lib/registry/errors.ts';
import { TRAINING_FILE, type Curve, type TrainingFacts } from '#lib/registry/publishing/training-facts.ts';
import type { UsedData } from './cited-data.ts';

/** Ids of the adapter and the base that are published, sha256 in hex. */
interface Published {
  adapter: string;
  base: string;
}

/** @throws FormatError, RecipeError; NotPublishableError for a manifest of another adapter or another base */
export function readTrainingFacts(text: string, published: Published): TrainingFacts {
  const manifest = parseTrainingManifest(text, TRAINING_FILE);
  const refuse = (what: string) => {
    throw new NotPublishableError(
      `The training manifest is of another ${what}.`,
      'Give the manifest that was written with this adapter, or none.',
    );
  };
  if (manifest.adapter.sha256 !== published.adapter) refuse('adapter');
  if (manifest.base.id !== published.base) refuse('base');
  const { recipe } = manifest.jobs[manifest.job]!;
  return {
    recipe: Object.entries({ ...recipe, weightsOfStep: manifest.adapter.step, steps: manifest.steps }).map(
      ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)],
    ),
    curves: curvesOf(manifest),
    sources: ownSources(manifest).map(({ name, licence, rows, id }) => ({ name, licence, rows, id })),
  };
}

function curvesOf({ losses }: TrainingManifest): Curve[] {
  const values = losses.filter((loss) => loss !== null);
  if (values.length === 0) return [];
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  return [{ name: 'training loss', points: values.length, first: values[0]!, last: values.at(-1)!, least }];
}

/** The sources of an adapter that are versions on this chain, with the number of rows that were read; and names of the others. */
export function citationsOf(
  sources: readonly OriginSource[],
  versions: readonly Pick<DatanetVersionRow, 'datanet' | 'version' | 'manifest' | 'rows'>[],
): { data: UsedData[]; others: string[] } {
  const data: UsedData[] = [];
  const others: string[] = [];
  for (const { name, id, rows } of sources) {
    const digest = digestOf(id);
    const found = versions.find(({ manifest }) => manifest === digest);
    if (!found) others.push(name);
    else if (!data.some((one) => String(one.datanet) === found.datanet && one.version === found.version))
      data.push({ datanet: BigInt(found.datanet), version: found.version, rows: Math.min(rows, found.rows) });
  }
  return { data, others };
}

/** A source that is a file has a sha256 as its id, which is no content id. */
function digestOf(id: string | null): Hex | null {
  if (id === null || /^[0-9a-f]{64}$/.test(id)) return null;
  try {
    return toHex(parseCid(id).multihash.digest);
  } catch {
    return null;
  }
}
