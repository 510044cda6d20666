// `payable logits`: the logits of every position, as raw float32.

import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from '../command.ts';
import { chooseEngine, deviceName, ENGINE_HELP, ENGINE_OPTIONS, openEngine } from '../engine-options.ts';
import { FileError } from '../errors.ts';
import { isDirectory } from '../input-files.ts';
import * as option from '../option-values.ts';

export const logits: Command = {
  summary: 'write the logits of every position of a token sequence',
  help: `payable logits --model DIR [--adapter DIR[:SCALE]]... --ids 1,2,3 --out FILE

Runs the model once over the ids and writes float32 little-endian [tokens, vocab] to FILE.
Prints one JSON line: {"tokens", "vocab", "device", "ms"}.

${ENGINE_HELP}
  --ids 1,2,3            token ids
  --out FILE             where to write; replaced as a whole or not at all`,
  options: { ...ENGINE_OPTIONS, ids: { type: 'string' }, out: { type: 'string' } },
  async run(values, { signal, write }) {
    const ids = option.ids(option.required(values, 'ids', 'token ids, like 1,2,3'));
    const out = resolve(option.required(values, 'out', 'a file to write to'));
    if (!isDirectory(dirname(out)))
      throw new FileError(dirname(out), 'there is no such directory', 'Make it, or choose another --out.');
    if (existsSync(out) && isDirectory(out)) throw new FileError(out, 'this is a directory', 'Name a file with --out.');
    const { engine, model, uses } = await openEngine(chooseEngine(values), signal);
    try {
      const began = performance.now();
      const { data, tokens, vocab } = await engine.logits(ids, uses);
      const ms = performance.now() - began;
      signal.throwIfAborted();
      await replaceFile(out, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      write(`${JSON.stringify({ tokens, vocab, device: deviceName(model), ms: Math.round(ms * 100) / 100 })}\n`);
    } finally {
      await engine.dispose();
    }
  },
};

/** Another process sees the old file or the new one, never a part. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new FileError(
      path,
      `the file cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`,
      'Check permissions and free space.',
      cause,
    );
  }
}
