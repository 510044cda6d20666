// Describes a model to the adapter reader: its projections under the names of its family.

import type { AdaptableBase } from '#lib/formats/model/adaptable-base.ts';
import type { Architecture } from './architecture.ts';
import { familyOf } from './families/families.ts';
import { layerHas, projectionsByModule, type Projection } from './projections.ts';

export interface ModelBase extends AdaptableBase {
  modules: ReadonlyMap<string, readonly Projection[]>;
}

export function adaptableBase(a: Architecture): ModelBase {
  const { layerList, embedding, head, headAlias, modules, ...stored } = familyOf(a.family)!.names(a);
  const { layers, hidden, vocab } = a;
  const { fusedGroups = 1, isTransposed = false } = stored;
  const named = projectionsByModule(a, modules);
  const absent = new Set<string>();
  for (let layer = 0; layer < layers; layer++) {
    for (const [module, projections] of named)
      if (!layerHas(a, layer, projections[0]!.stack)) absent.add(`${layer}.${module}`);
  }
  return {
    ...{ layers, hidden, vocab, layerList, embedding, head, headAlias },
    ...{ modules: named, absent, fusedGroups, isTransposed },
  };
}
