import { defineConfig } from "vitest/config";

// Tests run on sources: a workspace package resolves to its `src`, with no build in between.
const own = "@symbiont/source";
const conditions = [own, "node"];
const source = {
  resolve: { conditions },
  // What Node itself loads already has its own conditions, which differ between `import` and `require`.
  ssr: { resolve: { conditions, externalConditions: [own] } },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: "packages",
          include: ["packages/*/test/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/*.slow.test.ts", "**/node_modules/**"],
          typecheck: { enabled: false },
          setupFiles: ["./scripts/testing/no-console.ts", "./scripts/testing/seed.ts"],
          testTimeout: 20_000,
        },
      },
      {
        ...source,
        test: { name: "examples", include: ["examples/*/*.test.ts"], testTimeout: 60_000 },
      },
      {
        ...source,
        test: { name: "slow", include: ["packages/*/test/**/*.slow.test.ts"], testTimeout: 600_000 },
      },
    ],
  },
});
