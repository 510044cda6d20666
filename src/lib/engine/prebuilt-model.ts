// A model that was compiled for web-llm: where its weights and its library are, and what their bytes must hash to.

import type { PinnedFile } from '#lib/files/pinned-file.ts';

export interface PrebuiltModel {
  /** web-llm's own name of it: `Qwen2-0.5B-Instruct-q4f32_1-MLC`. */
  id: string;
  /** A repository of the hub, whose listing pins its files; or a folder whose files are pinned here. */
  weights: { kind: 'hub'; repo: string } | { kind: 'url'; url: string; files: readonly PinnedFile[] };
  /** Code: WebAssembly with the model's kernels. */
  library: PinnedFile & { url: string };
  /** GPU memory in MB, as its makers measured it. */
  gpuMegabytes: number;
  /** WebGPU features it needs. */
  features: readonly string[];
  /** The repository of the same model for the product's own engine, `owner/name`. */
  original: string | null;
}

export interface PrebuiltRequest {
  model: PrebuiltModel;
  contextLength?: number;
}
