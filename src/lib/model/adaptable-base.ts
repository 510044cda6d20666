// Describes a model to the adapter reader: its projections under the names of its family.

import type { AdaptableBase } from '#lib/formats/model/adaptable-base.ts';
import type { Architecture } from './architecture.ts';
import { familyOf } from './families/families.ts';
import { atLayer, widest } from './at-layer.ts';
import { layerHas, projectionsByModule, type Projection } from './projections.ts';

export interface ModelBase extends AdaptableBase {
  modules: ReadonlyMap<string, readonly Projection[]>;
  modulesByLayer?: readonly ReadonlyMap<string, readonly Projection[]>[];
}

export function adaptableBase(a: Architecture): ModelBase {
  const { layerList, embedding, head, headAlias, modules, layerInput, ...stored } = familyOf(a.family)!.names(a);
  const { layers, hidden, vocab } = a;
  const { fusedGroups = 1, isTransposed = false } = stored;
  // A module that serves all layers is of no single one.
  const across = layerInput && { [layerInput.projection]: ['inputProjection' as const] };
  const all = { ...modules, ...across };
  const named = projectionsByModule(widest(a), all);
  const isUniform = a.plan.every(({ sizes }) => !sizes);
  const modulesByLayer = isUniform ? undefined : a.plan.map((_, i) => projectionsByModule(atLayer(a, i), all));
  const absent = new Set<string>();
  for (let layer = 0; layer < layers; layer++) {
    for (const [module, projections] of modulesByLayer?.[layer] ?? named)
      if (across?.[module] || !projections[0] || !layerHas(a, layer, projections[0].stack))
        absent.add(`${layer}.${module}`);
  }
  return {
    ...{ layers, hidden, vocab, layerList, embedding, head, headAlias },
    ...{ modules: named, absent, fusedGroups, isTransposed },
    ...(modulesByLayer && { modulesByLayer }),
    ...(layerInput && { acrossLayers: layerInput.projection }),
  };
}
