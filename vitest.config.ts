import { defineConfig } from "vitest/config";

/** Tests that make machines share the one lab, so they run one file after the other; all others run side by side. */
const onMachines = ["test/lab-machines/**/*.test.ts", "test/e2e/**/*.test.ts"];

/** Needs an endpoint named by the environment: npm run test:endpoint. */
const endpoint = ["test/endpoint/**/*.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 600_000,
    projects: [
      {
        extends: true,
        test: {
          name: "plain",
          include: ["test/**/*.test.ts"],
          exclude: [...onMachines, ...endpoint],
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: { name: "endpoint", include: endpoint, testTimeout: 3_600_000, hookTimeout: 3_600_000 },
      },
      {
        extends: true,
        test: {
          name: "machines",
          include: onMachines,
          fileParallelism: false,
          testTimeout: 1_800_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
