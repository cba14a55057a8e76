import { signCredential } from "@symbiont/agentpin";
import { importPrivateKeyPem } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { namedDocuments, namedKeys, pinsOf, tokenOf, VectorWorld, verifierIn } from "./vector-world.ts";

/** Applies one line of a vector's `set`: a path from `discovery`, `revocation` or `pin_store`; `+` at its end appends. */
function apply(world: any, path: string, value: unknown): void {
  const append = path.endsWith("+");
  const names = path
    .replace(/\+$/, "")
    .split(/[.[\]]+/)
    .filter((name) => name !== "");
  const last = names.pop() as string;
  let target = world;
  for (const name of names) target = target[name];
  if (append) target[last] = [...(target[last] ?? []), value];
  else target[last] = value;
}

/** A credential of the maker's that carries the id of another issuer's. */
function makersToken(jti: string): string {
  const key = importPrivateKeyPem(namedKeys.get("maker-2026-01").private_key_pem);
  const now = 1_772_366_400;
  return signCredential({
    key,
    kid: "maker-2026-01",
    claims: {
      iss: "maker.example",
      sub: "urn:agentpin:maker.example:runtime",
      aud: "verifier.example",
      iat: now,
      exp: now + 600,
      jti,
      agentpin_version: "0.1",
      capabilities: ["write:report"],
    },
  });
}

export const cacheSemantics: VectorFile = (data, check) => {
  for (const { id, base, steps } of data.cases) {
    check(id, async () => {
      const world: any = new VectorWorld(namedDocuments[base.discovery], namedDocuments[base.revocation]);
      world.others.set("maker.example", namedDocuments["maker"]);
      let now = steps[0].at;
      const single = steps.some((step: any) => step.options?.replay === "single-use");
      const store = pinsOf(base.pin_store);
      const { verifier, cache } = verifierIn(world, {
        now: () => now,
        audience: base.audience,
        pins: { store },
        resultCacheSize: 100,
        ...(single ? { replay: new MemoryReplayStore({ now: () => now * 1000 }) } : {}),
      });
      for (const step of steps) {
        now = step.at;
        for (const [path, value] of Object.entries(step.set ?? {})) {
          if (path === "pin_store") {
            for (const pins of pinsOf(value).list()) store.update(pins.domain, () => pins);
            continue;
          }
          apply(world, path, value);
          // The copy that is known is replaced; what was remembered of it stays.
          cache.invalidate("deployer.example");
        }
        world.discoveryDown = step.discovery_source === "unreachable";
        world.revocationDown = step.revocation_source === "unreachable";
        if (step.on_refetch !== undefined) {
          await cache.lookUp("deployer.example");
          world.discovery = structuredClone(namedDocuments[step.on_refetch]);
        }
        let token = base.jwt;
        if (step.jwt !== undefined) token = tokenOf(step.jwt.split("#")[1]);
        if (step.note?.includes("maker.example")) token = makersToken("550e8400-e29b-41d4-a716-446655440000");
        const context = step.audience === undefined ? {} : { audience: step.audience };
        const result = await verifier.verify(token, context);
        expect(result.valid ? "VALID" : result.protocolCode).toBe(step.expect);
        if (step.reason !== undefined) expect(result).toMatchObject({ reason: step.reason });
        if (step.fetches !== undefined) expect(world.fetches).toBe(step.fetches);
      }
    });
  }
};
