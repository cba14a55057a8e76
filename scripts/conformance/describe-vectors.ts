import { readFileSync } from "node:fs";
import { describe, test } from "vitest";
import type { ConformanceSuite } from "./suite.ts";

/** Runs a package's conformance suite on its own copy of the vectors, one vitest test per case. */
export function describeVectors(suite: ConformanceSuite, vectors: URL): void {
  for (const [file, declare] of Object.entries(suite)) {
    describe(file, async () => {
      await declare(JSON.parse(readFileSync(new URL(file, vectors), "utf8")), (name, run) => {
        test(name, run);
      });
    });
  }
}
