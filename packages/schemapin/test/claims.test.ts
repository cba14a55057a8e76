import {
  checkA2aContext,
  checkClaims,
  checkLineage,
  checkSuccessor,
  findDnsRecord,
  inspectClaims,
  MAX_DELEGATION_DEPTH,
  parseDnsRecord,
  SchemaPinError,
} from "@symbiont/schemapin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprint, otherFingerprint, refused } from "./document-fixtures.ts";

const now = Date.parse("2026-06-01T00:00:00Z");

describe("the time of expiry", () => {
  test("is read for every instant, in whatever offset it is written", () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date("0001-01-02T00:00:00Z"),
          max: new Date("9998-12-30T00:00:00Z"),
          noInvalidDate: true,
        }),
        fc.integer({ min: -23 * 60, max: 23 * 60 }),
        (date, offset) => {
          const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
          const size = Math.abs(offset);
          const two = (value: number) => String(value).padStart(2, "0");
          const suffix = `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
          expect(inspectClaims({ expires_at: local + suffix }, now).expiresAt).toBe(date.getTime());
        },
      ),
    );
  });

  test.each([
    ["2026-02-29T00:00:00Z", "a day that does not exist"],
    ["2026-13-01T00:00:00Z", "a month that does not exist"],
    ["2026-00-01T00:00:00Z", "month zero"],
    ["2026-01-00T00:00:00Z", "day zero"],
    ["2026-01-01T24:00:00Z", "hour 24"],
    ["2026-01-01T00:60:00Z", "minute 60"],
    ["2026-01-01T00:00:60Z", "a leap second within a day"],
    ["2026-01-01T00:00:61Z", "second 61"],
    ["2026-01-01T00:00:00+24:00", "an offset of a day"],
    ["2026-01-01T00:00:00+01:60", "an offset of 60 minutes"],
    ["2026-01-01T00:00:00.Z", "a point without digits"],
    ["+02026-01-01T00:00:00Z", "an expanded year"],
    ["2026-01-01T00:00:00Z\n", "a line end"],
    ["２０２６-01-01T00:00:00Z", "full-width digits"],
  ])("is not read from %s: %s", (expires_at) => {
    expect(inspectClaims({ expires_at }, now).warnings).toEqual(["signature_expires_at_unparseable"]);
  });

  test("is over only when it has passed", () => {
    const claims = { expires_at: "2026-06-01T00:00:00Z" };
    expect(inspectClaims(claims, now).expired).toBe(false);
    expect(inspectClaims(claims, now + 1).expired).toBe(true);
  });

  test("counts as over when the clock does not tell the time", () => {
    expect(inspectClaims({ expires_at: "2099-01-01T00:00:00Z" }, Number.NaN).expired).toBe(true);
  });
});

describe("claims", () => {
  test("are reported as they are, and never throw while they are only looked at", () => {
    const claims = { expires_at: "2027-01-01T00:00:00Z", schema_version: "2", previous_hash: "sha256:1" };
    expect(inspectClaims(claims, now)).toEqual({
      expired: false,
      expiresAt: Date.parse("2027-01-01T00:00:00Z"),
      schemaVersion: "2",
      previousHash: "sha256:1",
      warnings: [],
    });
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (expires_at, schema_version) => {
        inspectClaims({ expires_at, schema_version }, now);
      }),
    );
  });

  test.each([undefined, "1", 2])(
    "of version %s are refused where version 2 is expected",
    (schema_version) => {
      for (const mode of ["strict", "permissive"] as const) {
        expect(() => checkClaims({ schema_version }, { mode, now, schemaVersion: "2" })).toThrow(
          refused("SCHEMAPIN_SCHEMA_VERSION_MISMATCH"),
        );
      }
      expect(checkClaims({ schema_version: "2" }, { mode: "strict", now, schemaVersion: "2" }).expired).toBe(
        false,
      );
    },
  );
});

describe("a lineage", () => {
  const a = { hash: fingerprint };
  const b = { hash: otherFingerprint, previousHash: a.hash };
  const c = { hash: `sha256:${"c".repeat(64)}`, previousHash: b.hash };

  test("is whole when every version names the one before", () => {
    checkLineage([]);
    checkLineage([a]);
    checkLineage([a, b, c]);
    checkSuccessor(c, b);
  });

  test.each([
    ["with a version left out", [a, c]],
    ["in another order", [b, a]],
    ["with a version that names none", [a, { hash: b.hash }]],
    ["with a version that names null", [a, { hash: b.hash, previousHash: null }]],
    ["with a name in another spelling", [a, { hash: b.hash, previousHash: a.hash.toUpperCase() }]],
  ])("is broken %s", (_, versions) => {
    expect(() => checkLineage(versions)).toThrow(refused("SCHEMAPIN_LINEAGE_BROKEN"));
  });
});

describe("a delegation", () => {
  const domain = "tools.example.com";
  const open = { delegationDepth: 0, trustedDomains: [] };

  test("passes when every context of it does", () => {
    checkA2aContext(
      [open, { delegationDepth: MAX_DELEGATION_DEPTH, trustedDomains: ["*.example.com"] }],
      domain,
    );
  });

  test("cannot be widened by a context that allows more", () => {
    const narrow = { delegationDepth: 1, trustedDomains: ["other.example"] };
    for (const contexts of [
      [narrow, open],
      [open, narrow],
    ]) {
      expect(() => checkA2aContext(contexts, domain)).toThrow(
        expect.objectContaining({ protocolCode: "a2a_scope_violation" }),
      );
    }
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["no context", []],
    ["NaN for a depth", { ...open, delegationDepth: Number.NaN }],
    ["no domains", { delegationDepth: 0 }],
    ["null for domains", { delegationDepth: 0, trustedDomains: null }],
    ["text for domains", { delegationDepth: 0, trustedDomains: "*.example.com" }],
    ["a number among the domains", { delegationDepth: 0, trustedDomains: [1] }],
  ])("with %s is refused", (_, context) => {
    expect(() => checkA2aContext(context as never, domain)).toThrow(refused("SCHEMAPIN_A2A_CONTEXT_INVALID"));
  });
});

describe("TXT records", () => {
  const ours = `v=schemapin1; fp=${fingerprint}`;

  test("may repeat, and may stand beside those of a later version and of others", () => {
    const answer = [
      [ours],
      [`v=schemapin2; x`],
      [`v=schemapin1; kid=a; fp=${fingerprint.toUpperCase()}`],
      ["other"],
    ];
    expect(findDnsRecord(answer)).toEqual({ fingerprint });
  });

  test.each([
    ["only a later version", [["v=schemapin2; fp=x"]]],
    ["a fingerprint without a version", [[`fp=${fingerprint}`]]],
    ["a malformed one beside a sound one", [[ours], ["v=schemapin1; fp=sha256:12"]]],
    ["a version in capitals", [[`v=SCHEMAPIN1; fp=${fingerprint}`]]],
    ["a very long one", [[`${ours}; x=${"x".repeat(5_000)}`]]],
  ])("are refused with %s", (_, answer) => {
    expect(() => findDnsRecord(answer)).toThrow(refused("SCHEMAPIN_DISCOVERY_INVALID"));
  });

  test("never throw anything but SchemaPinError", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseDnsRecord(text);
          findDnsRecord([[text]]);
        } catch (error) {
          expect(SchemaPinError.is(error)).toBe(true);
        }
      }),
    );
  });
});
