// The runtimes that can answer in a browser, and what each can do beyond opening a model and continuing text. The same facts stand
// in the types and in the data. It knows no runtime from the inside.

import type { AdapterHost, Engine, Measured, Runtime, Scorer } from './engine.ts';
import { MissingCapabilityError } from './errors.ts';
import type { PrebuiltRequest } from './prebuilt-model.ts';
import type { TrainingHost } from './training/training-host.ts';

export interface Abilities {
  adapters: AdapterHost;
  logits: Scorer;
  stats: Measured;
  training: TrainingHost;
}

export type Capability = keyof Abilities;

export interface RuntimeOf {
  webgpu: Engine;
  reference: Engine;
  wllama: Runtime & AdapterHost;
  'web-llm': Runtime<PrebuiltRequest>;
  'prompt-api': Runtime<BuiltInRequest>;
}

export type RuntimeKind = keyof RuntimeOf;

/** The browser's own model: there is nothing to choose. */
export type BuiltInRequest = Record<string, never>;

interface RuntimeFacts<Kind extends RuntimeKind> {
  /** Shown wherever the runtime answers. */
  label: string;
  capabilities: readonly CapabilityOf<Kind>[];
}

type CapabilityOf<Kind extends RuntimeKind> = {
  [Name in Capability]: RuntimeOf[Kind] extends Abilities[Name] ? Name : never;
}[Capability];

export const RUNTIMES: { readonly [Kind in RuntimeKind]: RuntimeFacts<Kind> } = {
  webgpu: { label: 'WebGPU', capabilities: ['adapters', 'logits', 'stats', 'training'] },
  reference: { label: 'plain TypeScript, slow', capabilities: ['adapters', 'logits', 'stats', 'training'] },
  wllama: { label: 'wllama on the CPU', capabilities: ['adapters'] },
  'web-llm': { label: 'web-llm, no adapters', capabilities: [] },
  'prompt-api': { label: "the browser's own model, no adapters", capabilities: [] },
};

/** A runtime that runs, with its kind beside it. */
export type RunningRuntime = { [Kind in RuntimeKind]: { kind: Kind; runtime: RuntimeOf[Kind] } }[RuntimeKind];

export const can = (kind: RuntimeKind, capability: Capability): boolean =>
  (RUNTIMES[kind].capabilities as readonly Capability[]).includes(capability);

/** @throws {MissingCapabilityError} where the runtime lacks it */
export function abilityOf<Name extends Capability>(running: RunningRuntime, capability: Name): Abilities[Name] {
  if (!can(running.kind, capability)) throw new MissingCapabilityError(running.kind, capability);
  return running.runtime as unknown as Abilities[Name];
}
