// `payable export`: an adapter, or a base with it merged in, in the formats that other tools open. It opens no GPU.

import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Export } from '#lib/model/exports/exported-file.ts';
import { exportGguf } from '#lib/model/exports/gguf-export.ts';
import { exportMerged } from '#lib/model/exports/merged-export.ts';
import { exportMlx } from '#lib/model/exports/mlx-export.ts';
import { exportOllama } from '#lib/model/exports/ollama-export.ts';
import { exportPeft } from '#lib/model/exports/peft-export.ts';
import { writeExport } from '#lib/model/exports/write-export.ts';
import { FileError } from '#node/errors.ts';
import { isGgufFile, openNodeFolder } from '#node/open-folder.ts';
import { replaceFile } from '#node/replace-file.ts';
import type { Command } from '../command.ts';
import { findModel, isDirectory, requireAdapter } from '../input-files.ts';
import * as option from '../option-values.ts';
import { requireOutputFile } from '../output-file.ts';
import { createProgressLine } from '../progress-line.ts';

const FORMATS = ['peft', 'gguf', 'merged', 'mlx', 'ollama'] as const;
const DTYPES = ['f16', 'bf16', 'f32', 'base'] as const;
const STORED = { f16: 'F16', bf16: 'BF16', f32: 'F32', base: null } as const;

export const exportModel: Command = {
  summary: 'write an adapter, or a model with it merged in, for other tools',
  help: `payable export --model DIR --adapter DIR --to peft|gguf|merged|mlx|ollama --out PATH [--dtype f16|bf16|f32|base] [--base-name OWNER/NAME] [--json]

Reads an adapter of PEFT, llama.cpp (GGUF) or MLX and writes PATH for another tool. What a format cannot hold is refused by name.
Files are written one after the other; the memory needed does not grow with the model.

  --model DIR        the base model: a directory, a GGUF file, or hub:OWNER/NAME that was pulled
  --adapter DIR      the adapter: a directory, a GGUF file, or hub:OWNER/NAME that was pulled
  --to peft          a folder of PEFT, with a model card
  --to gguf          one LoRA file of llama.cpp; PATH is the file
  --to merged        a folder of Hugging Face with the adapter merged into the weights
  --to mlx           a folder of mlx-lm
  --to ollama        a folder with a Modelfile: beside a base in GGUF the LoRA as GGUF, else the merged model
  --out PATH         a directory that is empty or does not exist; for gguf a file
  --dtype TYPE       of merged weights; base keeps the type of each tensor; default f16
  --base-name NAME   what the PEFT folder names as its base; default what the adapter says
  --json             prints one object {"to", "out", "files", "bytes", "notes"}`,
  options: {
    model: { type: 'string' },
    adapter: { type: 'string' },
    to: { type: 'string' },
    out: { type: 'string' },
    dtype: { type: 'string' },
    'base-name': { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(values, { signal, write }) {
    const path = findModel(option.required(values, 'model', 'a model directory'));
    const adapter = requireAdapter(
      option.required(values, 'adapter', 'an adapter directory'),
      'an adapter directory after --adapter',
    );
    option.required(values, 'to', `one of ${FORMATS.join(', ')}`);
    const to = option.oneOf(values, 'to', FORMATS, 'peft');
    const given = option.required(values, 'out', to === 'gguf' ? 'a file to write to' : 'a directory to write to');
    const out = to === 'gguf' ? requireOutputFile(given) : requireNewDirectory(given);
    const input = { model: openNodeFolder(path), adapter: openNodeFolder(adapter) };
    const dtype = STORED[option.oneOf(values, 'dtype', DTYPES, 'f16')];
    const made = await make[to]({ ...input, dtype, baseName: option.text(values, 'base-name'), path }, signal);
    const line = createProgressLine();
    const sink = {
      async write(file: string, pieces: AsyncIterable<Uint8Array>) {
        const at = to === 'gguf' ? out : join(out, file);
        await mkdir(dirname(at), { recursive: true });
        await replaceFile(at, pieces);
      },
    };
    try {
      for await (const { doneBytes, totalBytes } of writeExport(made, sink, signal))
        line.show({ type: 'progress', doneBytes, totalBytes, bytesPerSecond: 0, secondsLeft: null });
    } finally {
      line.clear();
    }
    const { files, notes } = made;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    if (option.flag(values, 'json'))
      write(`${JSON.stringify({ to, out, files: files.map((file) => file.path), bytes, notes })}\n`);
    else
      write(
        [...notes, `${out}: ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${bytes} bytes`, ''].join('\n'),
      );
  },
};

interface MakeInput {
  model: ReturnType<typeof openNodeFolder>;
  adapter: ReturnType<typeof openNodeFolder>;
  dtype: (typeof STORED)[keyof typeof STORED];
  baseName: string | undefined;
  /** Of the model. */
  path: string;
}

const make: Record<(typeof FORMATS)[number], (input: MakeInput, signal: AbortSignal) => Promise<Export>> = {
  peft: exportPeft,
  gguf: exportGguf,
  merged: exportMerged,
  mlx: exportMlx,
  ollama: (input, signal) =>
    exportOllama(
      { ...input, ggufPath: isGgufFile(input.path) ? resolve(input.path) : null, today: () => new Date() },
      signal,
    ),
};

function requireNewDirectory(path: string): string {
  const out = resolve(path);
  if (existsSync(out) && (!isDirectory(out) || readdirSync(out).length > 0))
    throw new FileError(out, 'the directory is not empty', 'Name a new directory with --out.');
  if (!isDirectory(dirname(out)))
    throw new FileError(dirname(out), 'there is no such directory', 'Make it, or choose another --out.');
  return out;
}
