// Each cited Datanet version in Croissant, for tools that read data sets.

import { describeCroissant } from '#lib/datanets/croissant.ts';
import { jsonFile, type ExportedFile } from '#lib/model/exports/exported-file.ts';
import type { CitedData } from './cited-data.ts';

/** Reads every shard once. */
export async function croissantFiles(cited: readonly CitedData[], signal: AbortSignal): Promise<ExportedFile[]> {
  const files: ExportedFile[] = [];
  for (const { ref, open, card } of cited) {
    const description = `Version ${card.version} of ${card.datanet}, which the model was trained on.`;
    const described = await describeCroissant(open, { name: card.name, description }, signal);
    files.push(jsonFile(`croissant/datanet-${ref.datanet}-v${ref.version}.json`, described));
  }
  return files;
}
