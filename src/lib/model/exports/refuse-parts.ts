// Refuses an export to a format that has no place for a part of the adapter, and names the part.

import { UnsupportedError } from '#lib/formats/errors.ts';
import type { AdapterSource } from './adapter-source.ts';

export interface FormatLimits {
  /** As in "a file of llama.cpp". */
  format: string;
  dora: boolean;
  invocation: boolean;
}

const HINT = 'Export the adapter to peft, or merge it into its base with merged.';

export function refuseParts({ plan, modules, others, base, architecture }: AdapterSource, limits: FormatLimits): void {
  const { format, dora, invocation } = limits;
  const refuse = (what: string): never => {
    throw new UnsupportedError(plan.name, `${what}, which ${format} cannot hold`, HINT);
  };
  if (plan.kind === 'dora' && !dora) refuse('the adapter is a DoRA');
  if (plan.invocation && !invocation) refuse('the adapter begins at its invocation tokens (aLoRA)');
  const part = others.find(({ name }) => !name.endsWith('.base_layer.weight') && !isSkipped(name, plan.skipped));
  if (part) refuse(`the adapter has the tensor "${part.name}"`);
  for (const { place, path, name } of modules) {
    if (place === 'embedding' && architecture.tiedHead)
      refuse(`the adapter changes "${path}" but not the head that the base ties to it`);
    if (place === 'head' && architecture.tiedHead) refuse(`the adapter changes "${path}" of a base with a tied head`);
    if (name === base.acrossLayers) refuse(`the adapter changes "${path}", a module outside the layers`);
  }
}

/** Parts for pictures or sound, which the plan names and text does not use. */
const isSkipped = (name: string, skipped: readonly string[]) => skipped.some((part) => name.includes(`.${part}.`));
