// Describes a model to the adapter reader: its projections under the names of its family.

import type { AdaptableBase } from '#lib/formats/model/adaptable-base.ts';
import type { Architecture } from './architecture.ts';
import { familyOf } from './families/families.ts';
import { projectionsByModule, type Projection } from './projections.ts';

export interface ModelBase extends AdaptableBase {
  modules: ReadonlyMap<string, readonly Projection[]>;
}

export function adaptableBase(a: Architecture): ModelBase {
  const { layerList, embedding, head, modules, ...stored } = familyOf(a.family)!.names(a);
  const { layers, hidden, vocab } = a;
  const { fusedGroups = 1, isTransposed = false } = stored;
  const named = projectionsByModule(a, modules);
  return { layers, hidden, vocab, layerList, embedding, head, modules: named, fusedGroups, isTransposed };
}
