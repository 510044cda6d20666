// The files that wllama loads, as blobs: a GGUF file as it is, a folder of Hugging Face or PEFT rewritten as GGUF. It knows formats;
// it does not know wllama.

import type { Folder, FolderRef } from '#lib/core/folder.ts';
import { hashFiles } from '#lib/core/hash.ts';
import { FileMissingError, UnsupportedError } from '#lib/formats/errors.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { readGgufMetadata } from '#lib/formats/model/gguf-header.ts';
import { openAdapterSource } from '#lib/model/exports/adapter-source.ts';
import { ggufAdapterFile } from '#lib/model/exports/gguf-export.ts';
import { encodeGgufModel } from '#lib/model/exports/gguf-model.ts';
import { GGUF_FILE } from '#lib/model/sources/gguf-file.ts';
import { ggufFields, type GgufFields } from '#lib/model/sources/gguf-fields.ts';
import type { AdapterInfo } from '../engine.ts';

export interface GgufBase {
  blob: Blob;
  folder: Folder;
  fields: GgufFields;
}

export interface GgufAdapter {
  info: AdapterInfo;
  blob: Blob;
}

/** Read at a time from a server. */
const PIECE = 16 << 20;

type Progress = (loadedBytes: number, totalBytes: number) => void;

/** `folder` is what `ref` opens as. */
export async function openGgufBase(
  folder: Folder,
  ref: FolderRef,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<GgufBase> {
  const isGguf = await folder.has(GGUF_FILE);
  if (!isGguf && !(await folder.has('config.json')))
    throw new FileMissingError(folder.name, GGUF_FILE, 'wllama opens GGUF files and LLaMA folders of Hugging Face.');
  const blob = isGguf ? await ggufBlob(folder, ref, onProgress, signal) : await joined(encodeGgufModel(folder, signal));
  const view = isGguf ? folder : blobAsFolder(folder.name, blob);
  return { blob, folder, fields: ggufFields(await readGgufMetadata(view, GGUF_FILE, signal), folder.name) };
}

export async function openGgufAdapter(folder: Folder, base: GgufBase, signal: AbortSignal): Promise<GgufAdapter> {
  const source = await openAdapterSource({ model: base.folder, adapter: folder }, signal);
  const { plan, folder: peft } = source;
  if (plan.invocation) {
    throw new UnsupportedError(
      plan.name,
      'wllama applies an adapter to all tokens, and this one begins at its invocation',
      'Open the model on the own engine, which applies it from there on.',
    );
  }
  const blob = await joined(ggufAdapterFile(source).pieces(signal));
  const { name, kind, rank, targets, bytes, skipped } = plan;
  const id = await hashFiles(peft, [ADAPTER_CONFIG, ADAPTER_WEIGHTS], signal);
  const info: AdapterInfo = { id, name, kind, rank, targets, bytes, tier: 'ram', pinned: false };
  return { blob, info: skipped.length > 0 ? { ...info, skipped } : info };
}

/** A picked file is not copied; one on a server is read piece by piece, so that the browser may put the pieces on disk. */
async function ggufBlob(folder: Folder, ref: FolderRef, onProgress: Progress, signal: AbortSignal): Promise<Blob> {
  const picked = ref.kind === 'files' ? ref.files.find(({ path }) => path === GGUF_FILE) : undefined;
  // A file without its name: wllama would put named files in an order of its own.
  if (picked) return picked.file.slice();
  const size = await folder.size(GGUF_FILE);
  const parts: Blob[] = [];
  for (let at = 0; at < size; at += PIECE) {
    const end = Math.min(size, at + PIECE);
    parts.push(new Blob([await folder.read(GGUF_FILE, at, end, signal)]));
    onProgress(end, size);
  }
  return new Blob(parts);
}

async function joined(parts: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  return new Blob(await Array.fromAsync(parts));
}

function blobAsFolder(name: string, blob: Blob): Folder {
  return {
    name,
    has: async (path) => path === GGUF_FILE,
    size: async () => blob.size,
    read: async (_, start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}
