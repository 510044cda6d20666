// Exports an adapter that was trained here, in the formats that other tools open, into a folder that the user picks or as downloads.

import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { exportHubFiles } from '#lib/engine/shell/export-hub-files.ts';
import type { Export } from '#lib/model/exports/exported-file.ts';
import { exportGguf } from '#lib/model/exports/gguf-export.ts';
import { exportMerged } from '#lib/model/exports/merged-export.ts';
import { exportMlx } from '#lib/model/exports/mlx-export.ts';
import { exportOllama } from '#lib/model/exports/ollama-export.ts';
import { exportPeft } from '#lib/model/exports/peft-export.ts';
import type { FactoryBase } from '#lib/state/factory-run.ts';
import { composeHub } from './compose-hub.ts';
import { openFactoryBase } from './factory-places.ts';

export const EXPORT_FORMATS = [
  { id: 'peft', name: 'PEFT folder' },
  { id: 'gguf', name: 'GGUF LoRA, for llama.cpp' },
  { id: 'merged', name: 'Merged into the base, safetensors f16' },
  { id: 'mlx', name: 'MLX folder' },
  { id: 'ollama', name: 'Ollama Modelfile' },
] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number]['id'];

/** Says what was done. Rejects with an AbortError when the user picks no folder. */
export async function exportTrained(base: FactoryBase, adapterId: string, format: ExportFormat): Promise<string> {
  const { signal } = new AbortController();
  const { kept, openKept } = composeHub();
  const record = await kept.get(adapterId);
  if (!record) return 'The adapter is no longer on this device.';
  const model = openBrowserFolder(await openFactoryBase(base, signal));
  const input = { model, adapter: openBrowserFolder(await openKept(record)) };
  const made = await makeExport(format, input, signal);
  const files = await Promise.all(made.files.map((file) => collected(file, signal)));
  const name = `${record.repo.replace(/^\w+:/, '').replace(/[^\w.-]+/g, '-')}-${format}`;
  return [await exportHubFiles({ kind: 'files', name, files }), ...made.notes].join(' ');
}

function makeExport(
  format: ExportFormat,
  input: Parameters<typeof exportPeft>[0],
  signal: AbortSignal,
): Promise<Export> {
  switch (format) {
    case 'peft':
      return exportPeft({ ...input, baseName: undefined }, signal);
    case 'gguf':
      return exportGguf(input, signal);
    case 'merged':
      return exportMerged({ ...input, dtype: 'F16' }, signal);
    case 'mlx':
      return exportMlx(input, signal);
    case 'ollama':
      return exportOllama({ ...input, dtype: 'F16', ggufPath: null, today: () => new Date() }, signal);
  }
}

/** The browser moves a large Blob out of memory by itself. */
async function collected({ path, pieces }: Export['files'][number], signal: AbortSignal) {
  const parts: Blob[] = [];
  for await (const piece of pieces(signal)) parts.push(new Blob([piece]));
  return { path, file: new Blob(parts) };
}
