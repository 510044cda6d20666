// `payable logits`: the logits of every position, as raw float32.

import type { Command } from '../command.ts';
import { chooseEngine, deviceName, ENGINE_HELP, ENGINE_OPTIONS, openEngine } from '../engine-options.ts';
import * as option from '../option-values.ts';
import { replaceFile } from '#node/replace-file.ts';
import { requireOutputFile } from '../output-file.ts';

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
    const out = requireOutputFile(option.required(values, 'out', 'a file to write to'));
    const { engine, model, uses } = await openEngine(chooseEngine(values), signal);
    try {
      const began = performance.now();
      const { data, tokens, vocab } = await engine.logits(ids, uses);
      const ms = performance.now() - began;
      signal.throwIfAborted();
      await replaceFile(out, [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
      write(`${JSON.stringify({ tokens, vocab, device: deviceName(model), ms: Math.round(ms * 100) / 100 })}\n`);
    } finally {
      await engine.dispose();
    }
  },
};
