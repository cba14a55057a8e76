import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nowWorld } from "./interop/now-world.ts";
import type { ReferenceProcess } from "./interop/reference-process.ts";
import { installRust, startRust } from "./interop/rust-reference.ts";
import { AGENT, AUDIENCE, ISSUER, refused, said } from "./world.ts";

const why = installRust();
const capabilities = ["read:codebase", "write:report"];

describe.skipIf(why !== "")(`crates.io agentpin 0.3.0${why}`, () => {
  let rust: ReferenceProcess;
  beforeAll(() => {
    rust = startRust();
  });
  afterAll(() => rust?.close());

  test("issues what we verify", async () => {
    const world = nowWorld();
    const verifier = world.verifier();
    for (let count = 0; count < 200; count += 1) {
      const constraints = count % 2 === 0 ? null : { rate_limit: "5/minute" };
      const about = [world.pem, "k1", ISSUER, AGENT, AUDIENCE, capabilities, constraints, 600];
      expect(said(await verifier.verify(await rust.ask("issue", ...about)))).toBe("valid");
    }
  });

  test("verifies what we issue, and refuses with the same code what is wrong for both", async () => {
    const world = nowWorld();
    const verifier = world.verifier();
    const verdict = async (token: string) =>
      rust.ask<{ valid: boolean; error_code: string }>(
        "verify",
        token,
        world.discovery,
        world.revocation,
        AUDIENCE,
      );
    for (let count = 0; count < 200; count += 1) {
      const token = world.token({ capabilities });
      expect(await verdict(token)).toMatchObject({ valid: true });
      expect(said(await verifier.verify(token))).toBe("valid");
    }
    for (const token of [
      world.token({ aud: "other.example" }),
      world.token({ capabilities: ["write:all"] }),
      world.token({ iat: world.now - 900, exp: world.now - 600 }),
      world.token({ sub: `${AGENT}2` }),
      `${world.token().slice(0, -6)}AAAAAA`,
    ]) {
      const { valid, error_code } = await verdict(token);
      expect(valid).toBe(false);
      expect(await verifier.verify(token)).toEqual(refused(error_code));
    }
  });
});
