import { defineConfig } from "vitest/config";

/** A test against the engine has to wait for containers; what hangs longer is a defect. */
const DOCKER_TEST_MS = 120_000;
const UNIT_TEST_MS = 30_000;

const DOCKER_TESTS = ["packages/*/test/**/*.docker.test.ts", "test/**/*.docker.test.ts"];
const ALONE = "**/*.alone.docker.test.ts";
/** What is long, or seldom broken by a change: only `npm run soak` has it. */
const SOAK = "**/*.soak.*docker.test.ts";
const isSoak = process.env["REAL_SERVICES_SOAK"] === "1";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
          // Half the time of small tests would go into processes for their files.
          isolate: false,
          unstubEnvs: true,
          restoreMocks: true,
          // A property is tried a hundred times, on processors that others use as well.
          testTimeout: UNIT_TEST_MS,
        },
      },
      {
        test: {
          name: "docker",
          include: DOCKER_TESTS,
          exclude: ["**/node_modules/**", ALONE, ...(isSoak ? [] : [SOAK])],
          testTimeout: DOCKER_TEST_MS,
          hookTimeout: DOCKER_TEST_MS,
          // Two cores: more files at once only make each other slow.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          // What takes something away from everybody on the engine.
          name: "docker-alone",
          include: [ALONE],
          exclude: ["**/node_modules/**", ...(isSoak ? [] : [SOAK])],
          testTimeout: DOCKER_TEST_MS,
          hookTimeout: DOCKER_TEST_MS,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
