// Describes a model to the adapter reader: its projections under the names of its family.

import type { AdaptableBase } from '#lib/formats/model/adaptable-base.ts';
import type { Architecture } from './architecture.ts';
import { familyOf } from './families/families.ts';
import { projectionsByModule, type Projection } from './projections.ts';

export interface ModelBase extends AdaptableBase {
  modules: ReadonlyMap<string, readonly Projection[]>;
}

export function adaptableBase(a: Architecture): ModelBase {
  const { layerList, embedding, head, modules } = familyOf(a.family)!.names(a);
  const { layers, hidden, vocab } = a;
  return { layers, hidden, vocab, layerList, embedding, head, modules: projectionsByModule(a, modules) };
}
