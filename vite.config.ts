import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [sveltekit()],
  worker: { format: 'es' },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'pure', environment: 'node', include: ['{src,cli,tests}/**/*.test.ts'], exclude: ['**/*.gpu.test.ts', 'tests/e2e/**'] },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          environment: 'node',
          include: ['{src,cli,tests}/**/*.gpu.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          globalSetup: ['tests/support/swiftshader.ts'],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
