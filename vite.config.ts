// How the app is built and how each kind of test runs.

import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

const tests = '{src,cli,server,tests,scripts}/**';

export default defineConfig({
  plugins: [sveltekit()],
  worker: { format: 'es' },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          environment: 'node',
          include: [`${tests}/*.test.ts`],
          exclude: ['**/*.gpu.test.ts', 'tests/e2e/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          environment: 'node',
          include: [`${tests}/*.gpu.test.ts`],
          pool: 'forks',
          fileParallelism: false,
          globalSetup: ['tests/support/swiftshader.ts'],
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: ['tests/e2e/support/serve-build.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
