// A tensor in an adapter's file that stands for nothing which is computed, with what is probably wrong about its name.

import { UnsupportedError } from '../errors.ts';

export function unknownTensor(file: string, name: string): UnsupportedError {
  return new UnsupportedError(file, `tensor "${name}" is not part of a supported adapter`, hintFor(name));
}

/** A hint for a name that is nearly right. */
function hintFor(name: string): string {
  const expected = 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight';
  if (!name.startsWith('base_model.model.') || name.startsWith('base_model.model.base_model.'))
    return `PEFT writes "base_model.model." once before every name, like ${expected}. Rename the tensors, or save the adapter with PEFT again.`;
  const named = /\.lora_(?:embedding_)?[AB]\.([\w-]+)(?:\.weight)?$/.exec(name)?.[1];
  if (named !== undefined && named !== 'weight')
    return `The adapter's own name, "${named.slice(0, 60)}", stands in it. PEFT leaves it out, like ${expected}. Rename the tensors, or save the adapter with PEFT again.`;
  return 'Supported: LoRA and DoRA of decoder layers, LoRA of embed_tokens and lm_head, and whole saved embed_tokens, lm_head, norms and biases.';
}
