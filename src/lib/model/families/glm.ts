// GLM-4-9B in the layout of transformers, and GLM-Edge: norms before the blocks only.

import type { Family } from './family.ts';
import { glmLikeNames, readGlmLike } from './glm-like.ts';

export const glm: Family = {
  modelTypes: ['glm'],
  readArchitecture: (config) => readGlmLike(config, 'glm'),
  names: glmLikeNames,
};
