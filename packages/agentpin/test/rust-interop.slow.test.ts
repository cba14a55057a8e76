import { afterAll, beforeAll, describe } from "vitest";
import { exchangeCredentials } from "./interop/exchange-credentials.ts";
import type { ReferenceProcess } from "./interop/reference-process.ts";
import { installRust, startRust } from "./interop/rust-reference.ts";

const why = installRust();

describe.skipIf(why !== "")(`crates.io agentpin 0.3.0${why}`, () => {
  let rust: ReferenceProcess;
  beforeAll(() => {
    rust = startRust();
  });
  afterAll(() => rust?.close());

  exchangeCredentials(() => rust);
});
