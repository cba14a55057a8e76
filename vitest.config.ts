import { defineConfig } from "vitest/config";

const conditions = ["@symbiont/source", "node", "import", "default"];
const source = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } };

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
          setupFiles: ["./scripts/testing/no-console.ts"],
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
