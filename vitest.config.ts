import { defineConfig } from "vitest/config";

/** A test against the engine has to wait for containers; what hangs longer is a defect. */
const DOCKER_TEST_MS = 120_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "docker",
          include: ["packages/*/test/**/*.docker.test.ts", "test/**/*.docker.test.ts"],
          testTimeout: DOCKER_TEST_MS,
          hookTimeout: DOCKER_TEST_MS,
          // Two cores: more files at once only make each other slow.
          maxWorkers: 2,
        },
      },
    ],
  },
});
