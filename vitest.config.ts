import { defineConfig } from "vitest/config";

// Workers of native code (ONNX Runtime) and PGlite want processes, not threads. A timeout is for what hangs: it never measures anything.
const shared = {
  pool: "forks" as const,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  passWithNoTests: false,
  expect: { poll: { timeout: 60_000 } },
};

export default defineConfig({
  test: {
    // By itself vitest leaves one processor free, which on two is half of the time.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["src/**/*.test.ts", "test/{architecture,contracts,golden,docs,examples}/**/*.test.ts"],
        },
      },
      { test: { ...shared, name: "transcripts", include: ["test/transcripts/**/*.test.ts"], testTimeout: 300_000 } },
      { test: { ...shared, name: "integration", include: ["test/integration/**/*.test.ts"], testTimeout: 600_000 } },
      {
        test: { ...shared, name: "interop", include: ["test/interop/**/*.test.ts"], testTimeout: 600_000, hookTimeout: 600_000 },
      },
      { test: { ...shared, name: "slow", include: ["test/slow/**/*.test.ts"], testTimeout: 3_600_000 } },
    ],
  },
});
