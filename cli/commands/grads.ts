// `payable grads`: gradients of an adapter, as tensors under PEFT's names.

import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import type { Example } from '#lib/engine/training/examples.ts';
import { replaceFile } from '#node/replace-file.ts';
import type { Command, OptionValues } from '../command.ts';
import { chooseEngine, deviceName, ENGINE_HELP, ENGINE_OPTIONS, openEngine } from '../engine-options.ts';
import { UsageError } from '../errors.ts';
import { readTokenRows } from '../token-rows.ts';
import * as option from '../option-values.ts';
import { requireOutputFile } from '../output-file.ts';

export const grads: Command = {
  summary: 'write the gradients of an adapter on rows of tokens',
  help: `payable grads --model DIR --adapter DIR --ids ROWS --labels ROWS --out FILE.safetensors [--each] [--of mean-loss|log-likelihood]

Computes the loss of every labelled token, as it is predicted from those before it in its row, and the gradient of the mean
loss by each parameter of the adapter, in float32. Rows do not see each other. Names are those of PEFT's parameters without
the name of the adapter; a magnitude of DoRA ends in lora_magnitude_vector.weight there, in adapter files without .weight.
Prints one JSON line: {"loss", "targets", "tensors", "device", "ms"}; with --each {"rows": [{"loss", "targets"}, ...], ...}.

${ENGINE_HELP}
  --ids ROWS             token ids: 1,2,3 or 1,2,3;4,5 or a JSON file with a list, a list of lists, or an object with "ids"
  --labels ROWS          in the same shape, -100 where a token is not learned; a JSON object has "labels" (default: the ids)
  --out FILE             where to write; replaced as a whole or not at all
  --of WHAT              mean-loss (default), or log-likelihood: the sum of the log-probabilities of the labels
  --each                 a gradient for each row; names begin with its number, like 0.base_model…`,
  options: {
    ...ENGINE_OPTIONS,
    ids: { type: 'string' },
    labels: { type: 'string' },
    out: { type: 'string' },
    of: { type: 'string' },
    each: { type: 'boolean' },
  },
  async run(values, { signal, write }) {
    const out = requireOutputFile(option.required(values, 'out', 'a file to write to'));
    const measure = option.oneOf(values, 'of', ['mean-loss', 'log-likelihood'], 'mean-loss');
    const each = option.flag(values, 'each');
    const examples = readExamples(values);
    const choice = chooseEngine(values);
    const [adapter, ...others] = choice.adapters;
    if (!adapter || others.length > 0 || adapter.weight !== 1)
      throw new UsageError('Gradients are of one adapter.', 'Give one --adapter DIR, without a scale.');
    const { engine, model } = await openEngine({ ...choice, adapters: [] }, signal);
    try {
      const began = performance.now();
      const folder = { kind: 'directory', path: adapter.path } as const;
      const tensors: Parameters<typeof encodeSafetensors>[0][number][] = [];
      const rows: { loss: number; targets: number }[] = [];
      const request = { adapters: [folder], examples, measure, of: each ? 'example' : 'adapter' } as const;
      for await (const { example, loss, targets, gradient } of engine.gradients(request, signal)) {
        rows.push({ loss, targets });
        for (const { name, shape, values: data } of gradient) {
          const parameter = parameterName(name);
          tensors.push({ name: each ? `${example}.${parameter}` : parameter, dtype: 'F32', shape, data });
        }
      }
      const ms = Math.round((performance.now() - began) * 100) / 100;
      signal.throwIfAborted();
      await replaceFile(out, [encodeSafetensors(tensors)]);
      const losses = each ? { rows } : rows[0];
      write(`${JSON.stringify({ ...losses, tensors: tensors.length, device: deviceName(model), ms })}\n`);
    } finally {
      await engine.dispose();
    }
  },
};

function readExamples(values: OptionValues): Example[] {
  const ids = readTokenRows(option.required(values, 'ids', 'token ids, like 1,2,3 or 1,2;3,4'), 'ids');
  const labels = readTokenRows(
    option.text(values, 'labels') ?? (values['ids'] as string),
    values['labels'] === undefined ? 'ids' : 'labels',
  );
  if (labels.length !== ids.length)
    throw new UsageError(
      `There are ${ids.length} rows of ids and ${labels.length} of labels.`,
      'Give as many of both.',
    );
  return ids.map((row, i) => ({ ids: row, labels: labels[i]!, adapter: 0 }));
}

/** Where files name a tensor without a part that the parameter has. */
const parameterName = (name: string): string =>
  name.endsWith('.lora_magnitude_vector')
    ? `${name}.weight`
    : name.replace(
        /[.](lm_head|output_layer|embed_out|embed_tokens|word_embeddings|wte|embed_in)[.]weight$/,
        '.$1.modules_to_save.weight',
      );
