import { expect, test } from "vitest";
import { World } from "./world.ts";

test("1 options that are not numbers are no options", () => {
  const world = new World();
  for (const wrong of [
    { clockSkewSeconds: Number.NaN },
    { clockSkewSeconds: "60" },
    { maxLifetimeSeconds: undefined, clock_skew_secs: 60 },
    { maxRevocationAgeSeconds: Number.NaN },
  ])
    expect(() => world.verifier(wrong as never)).toThrow();
});
