import { expect, test } from "vitest";
import { AGENT, AUDIENCE, ISSUER, refused, said } from "../world.ts";
import { nowWorld } from "./now-world.ts";
import type { ReferenceProcess } from "./reference-process.ts";

const capabilities = ["read:codebase", "write:report"];

/** Tests that a reference and we take each other's credentials, and refuse the same. */
export function exchangeCredentials(reference: () => ReferenceProcess): void {
  test("issues what we verify", async () => {
    const world = nowWorld();
    const verifier = world.verifier();
    for (let count = 0; count < 200; count += 1) {
      const constraints = count % 2 === 0 ? null : { rate_limit: "5/minute" };
      const about = [world.pem, "k1", ISSUER, AGENT, AUDIENCE, capabilities, constraints, 600];
      expect(said(await verifier.verify(await reference().ask("issue", ...about)))).toBe("valid");
    }
  });

  test("verifies what we issue, and refuses with the same code what is wrong for both", async () => {
    const world = nowWorld();
    const verifier = world.verifier();
    const verdict = async (token: string) =>
      reference().ask<{ valid: boolean; error_code: string }>(
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
}
