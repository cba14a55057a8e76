import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { learn, namedDocuments, outcomeOf, pinsOf, VectorWorld, verifierIn } from "./vector-world.ts";

export const verification: VectorFile = (data, check) => {
  learn(data);
  for (const {
    id,
    jwt,
    now,
    discovery,
    revocation,
    pin_store,
    audience,
    config,
    expect: expected,
  } of data.cases) {
    const { error_code, reason, step, valid } = expected;
    const wanted = { valid, ...(valid ? {} : { error_code, reason, step }) };
    const run = async (options: object) => {
      const world = new VectorWorld(namedDocuments[discovery], namedDocuments[revocation]);
      world.others.set("maker.example", namedDocuments["maker"]);
      const store = pinsOf(pin_store);
      const { verifier } = verifierIn(world, {
        now: () => now,
        audience: audience ?? false,
        pins: { store },
        ...(config?.clock_skew_secs === undefined ? {} : { clockSkewSeconds: config.clock_skew_secs }),
        ...(config?.max_ttl_secs === undefined ? {} : { maxLifetimeSeconds: config.max_ttl_secs }),
        ...options,
      });
      return { result: await verifier.verify(jwt), pins: store.list() };
    };
    check(id, async () => {
      const { result, pins } = await run({});
      expect(outcomeOf(result, wanted)).toEqual(wanted);
      if (expected.pin !== undefined) expect(result).toMatchObject({ pin: expected.pin });
      if (expected.pin_store_after !== undefined) expect(pins).toEqual(expected.pin_store_after);
      if (expected.delegation_verified === true)
        expect(result).toMatchObject({ delegation: [{ role: "maker" }] });
    });
    if (id === "valid-jws-raw-signature") {
      check(`${id}, DER only`, async () => {
        const { result } = await run({ signatureFormats: ["der"] });
        expect(outcomeOf(result, expected.otherwise)).toEqual(expected.otherwise);
      });
    }
    if (id === "pin-rotation-second-key") {
      check(`${id}, continuity`, async () => {
        const store = pinsOf(pin_store);
        const { result } = await run({ pins: { store, policy: "continuity" } });
        expect(result).toMatchObject({ valid: true, pin: "pinned" });
        expect(store.get("deployer.example")?.keys).toHaveLength(2);
      });
    }
    if (id === "agent-bare-uuid") {
      check(`${id}, any subject`, async () => {
        const { result } = await run({ subjectFormat: "any", trust: { issuers: ["deployer.example"] } });
        expect(result.valid).toBe(true);
      });
    }
    if (id === "rev-stale") {
      check(`${id}, with a bound`, async () => {
        const { result } = await run({ maxRevocationAgeSeconds: 86_400 });
        expect(result).toMatchObject({ protocolCode: "DISCOVERY_FETCH_FAILED", reason: "revocation_stale" });
      });
    }
  }
};
