import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Tests wait on signals, not on time; these limits only keep a broken one from hanging the gate.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts', 'test/emulator/**/*.test.ts', 'test/docs/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          testTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: { name: 'agents', include: ['test/agents/**/*.test.ts'], testTimeout: 300_000, fileParallelism: false },
      },
    ],
  },
});
