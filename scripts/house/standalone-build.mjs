// What Vite is told by builds that are not the app: nothing of SvelteKit. The repository's own tsconfig.json builds on a file that
// SvelteKit writes, and a fresh clone does not have it yet.

import { fileURLToPath } from 'node:url';

export const standaloneBuild = {
  configFile: /** @type {const} */ (false),
  logLevel: /** @type {const} */ ('error'),
  tsconfig: fileURLToPath(new URL('./standalone.tsconfig.json', import.meta.url)),
};
