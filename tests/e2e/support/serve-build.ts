// Serves the built app for the whole run of the e2e tests. Run `npm run build` first.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { serveFolder } from '#scripts/house/static-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    appUrl: string;
  }
}

export default async function serveBuild(project: TestProject) {
  const folder = resolve('build');
  if (!existsSync(resolve(folder, '200.html')))
    throw new Error('There is no build to test. Run "npm run build" first.');
  const { url, close } = await serveFolder(folder);
  project.provide('appUrl', url);
  return close;
}
