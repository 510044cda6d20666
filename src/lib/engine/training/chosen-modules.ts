// Which modules of a base a new adapter changes, by the names of its targets and the numbers of its layers. Names that the base does
// not have are refused.

import type { ModelBase } from '#lib/model/adaptable-base.ts';
import type { Projection } from '#lib/model/projections.ts';
import { TrainingRequestError } from './errors.ts';
import type { FreshAdapter } from './training-host.ts';

export interface ChosenModule {
  layer: number;
  /** Within its layer: `self_attn.q_proj`. */
  module: string;
  /** Those that the base keeps in this module, in the order of their rows. */
  projections: readonly Projection[];
}

/** By layer. @throws TrainingRequestError */
export function chosenModules(
  { name, targets, layers }: Pick<FreshAdapter, 'name' | 'targets' | 'layers'>,
  base: ModelBase,
): ChosenModule[] {
  const known = [...base.modules]
    .filter(([module, projections]) => module !== base.acrossLayers && projections.length > 0)
    .map(([module]) => module);
  const isNamed = (module: string, target: string) => module === target || module.endsWith(`.${target}`);
  const unknown = (targets ?? []).find((target) => !known.some((module) => isNamed(module, target)));
  if (unknown !== undefined) {
    throw new TrainingRequestError(
      `Adapter ${name}: the model has no linear layer named "${unknown.slice(0, 80)}".`,
      `Its linear layers are ${known.join(', ')}.`,
    );
  }
  const beyond = layers?.find((layer) => !Number.isInteger(layer) || layer < 0 || layer >= base.layers);
  if (beyond !== undefined) {
    throw new TrainingRequestError(
      `Adapter ${name}: the model has no layer ${beyond}.`,
      `Its layers are 0 to ${base.layers - 1}.`,
    );
  }
  const chosen: ChosenModule[] = [];
  for (let layer = 0; layer < base.layers; layer++) {
    if (layers && !layers.includes(layer)) continue;
    for (const [module, projections] of base.modulesByLayer?.[layer] ?? base.modules) {
      if (!known.includes(module) || base.absent?.has(`${layer}.${module}`)) continue;
      if (targets && !targets.some((target) => isNamed(module, target))) continue;
      chosen.push({ layer, module, projections });
    }
  }
  if (chosen.length > 0) return chosen;
  throw new TrainingRequestError(
    `Adapter ${name} has no linear layer to train.`,
    'Name at least one linear layer and one layer number, or leave both out to train all.',
  );
}
