// Names of modules for models some or all of whose layers have experts.

import type { Architecture } from '../architecture.ts';
import type { ExpertNames, ModelNames } from './family.ts';

/** `shared`: the shared expert, whose three matrices an adapter may change. */
export function expertNames(
  { experts }: Pick<Architecture, 'experts'>,
  dense: ModelNames,
  { shared, ...names }: ExpertNames & { shared?: string },
): ModelNames {
  if (!experts) return dense;
  // A module that no layer has must not seem adaptable.
  const isAllSparse = experts.isSparse.every(Boolean);
  const modules = Object.fromEntries(
    Object.entries(dense.modules).filter(([module]) => !isAllSparse || !module.startsWith('mlp.')),
  );
  if (shared !== undefined) {
    modules[`${shared}.${names.gate}`] = ['sharedGate'];
    modules[`${shared}.${names.up}`] = ['sharedUp'];
    modules[`${shared}.${names.down}`] = ['sharedDown'];
  }
  return { ...dense, modules, experts: names };
}
