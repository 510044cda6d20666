// Vite settings for builds other than the app, without SvelteKit. The repository's tsconfig.json extends a file that SvelteKit
// generates, which a fresh clone lacks.

import { fileURLToPath } from 'node:url';

export const standaloneBuild = {
  configFile: /** @type {const} */ (false),
  logLevel: /** @type {const} */ ('error'),
  tsconfig: fileURLToPath(new URL('./standalone.tsconfig.json', import.meta.url)),
};
