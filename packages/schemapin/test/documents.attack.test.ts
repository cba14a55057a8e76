import { inspect } from "node:util";
import { exportPrivateKeyPem, generateKeyPair } from "@symbiont/keys";
import {
  checkDns,
  domainName,
  MemoryTrustLedger,
  mergeTrustBundles,
  parseDiscoveryDocument,
  parseDnsRecord,
  parseRevocationDocument,
  revocationUrl,
  SchemaPinError,
  StaticResolver,
  signTrustBundle,
  verifyTrustBundle,
} from "@symbiont/schemapin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";
import { ManualClock, otherFingerprint, refused } from "./document-fixtures.ts";
import { discoveryOf, domain, key } from "./fixtures.ts";

const hash = (index: number): string => `sha256:${index.toString(16).padStart(64, "0")}`;

describe("a domain", () => {
  test.each([
    ["１２７.0.0.1", "an address in full-width digits"],
    ["127.1", "a short address"],
    ["2130706433", "an address as one number"],
    ["a.0x7f", "a name that ends in a number"],
    ["a.localhost", "a local name"],
    ["a..example", "an empty label"],
    [".example", "an empty first label"],
    ["example.com..", "two dots at its end"],
    ["example.com。", "another kind of dot at its end"],
    [`${"a".repeat(64)}.example`, "a label that is too long"],
    [`${"a.".repeat(130)}example`, "a name that is too long"],
    ["a_b.example", "an underscore"],
    ["a-.example", "a hyphen at the end of a label"],
    ["exam ple.com", "a space"],
    ["example.com\n", "a line end"],
    ["example%2ecom", "an escape"],
    ["example.com\\@evil.example", "a backslash"],
    ["example．com／x", "a full-width slash"],
    ["xn--.example", "an encoding of nothing"],
  ])("%j is refused: %s", (name) => {
    expect(() => domainName(name)).toThrow(refused("SCHEMAPIN_DOMAIN_INVALID"));
  });

  test("has one spelling", () => {
    expect(domainName("BÜCHER.example")).toBe("xn--bcher-kva.example");
    expect(domainName("xn--bcher-kva.example.")).toBe("xn--bcher-kva.example");
    expect(() => domainName(5 as never)).toThrow(refused("SCHEMAPIN_DOMAIN_INVALID"));
  });

  test("gives an address of exactly that host, or none, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.domain(), fc.webUrl(), fc.ipV4(), fc.ipV6()), (name) => {
        let accepted: string;
        try {
          accepted = domainName(name);
        } catch (error) {
          expect(SchemaPinError.is(error)).toBe(true);
          return;
        }
        expect(new URL(`https://${accepted}/x`)).toMatchObject({
          host: accepted,
          pathname: "/x",
          username: "",
        });
        expect(domainName(accepted)).toBe(accepted);
      }),
    );
  });
});

test.each([
  "https://example.com:443@evil.example/",
  "https://example.com.evil.example/",
  "https://evil.example/example.com",
  "https://example.com:8443/",
  "https://me@example.com/",
  "https://:secret@example.com/",
  "javascript:alert(1)",
  "//example.com/r",
])("a revocation endpoint cannot lead elsewhere: %s", (endpoint) => {
  expect(() => revocationUrl(endpoint, "example.com")).toThrow(refused("SCHEMAPIN_DISCOVERY_INVALID"));
});

describe("a revoked key", () => {
  test.each([
    ["with null for a list", { revoked_keys: null }],
    ["with text for a list", { revoked_keys: key.publicKey.fingerprint }],
    ["with an object for a list", { revoked_keys: { [key.publicKey.fingerprint]: true } }],
    ["with one entry that is malformed", { revoked_keys: [otherFingerprint, "x"] }],
    ["with an endpoint that is no text", { revocation_endpoint: 1 }],
  ])("is not revived by a document %s", (_, more) => {
    expect(() => parseDiscoveryDocument(discoveryOf(key, more))).toThrow(
      refused("SCHEMAPIN_DISCOVERY_INVALID"),
    );
  });
});

test("no error holds the content of a document", async () => {
  const secret = exportPrivateKeyPem(generateKeyPair("ES256").privateKey);
  const marker = secret.split("\n")[1] ?? "";
  const authority = { kid: "a", public_key_pem: secret };
  const bundle = { bundle_authority: authority, signature: marker, documents: [], signed_at: marker };
  const clock = new ManualClock();
  const signer = generateKeyPair("ES256").privateKey;
  const attempts: (() => unknown)[] = [
    () => parseDiscoveryDocument({ schema_version: "1.4", public_key_pem: secret }),
    () => parseDiscoveryDocument(discoveryOf(key, { revoked_keys: [marker] })),
    () => parseDiscoveryDocument({ schema_version: marker }),
    () => parseRevocationDocument({ domain: marker }, domain),
    () => parseRevocationDocument({ domain, updated_at: marker }, domain),
    () => parseDnsRecord(`v=schemapin1; fp=${marker}`),
    () => new StaticResolver({ domain, discovery: secret }),
    () => revocationUrl(secret, domain),
    () => mergeTrustBundles([bundle]),
    () => signTrustBundle({ documents: [{ domain: marker }] }, { key: signer, kid: "a" }),
    async () => checkDns(domain, marker, { policy: "require", lookup: async () => [[marker]] }),
    async () => verifyTrustBundle(marker, { authorities: new Map(), ledger: new MemoryTrustLedger(), clock }),
    async () =>
      verifyTrustBundle(JSON.stringify(bundle), {
        authorities: new Map([["a", otherFingerprint]]),
        ledger: new MemoryTrustLedger(),
        clock,
      }),
  ];
  for (const attempt of attempts) {
    const error: unknown = await Promise.resolve()
      .then(attempt)
      .then(
        () => expect.unreachable(),
        (caught: unknown) => caught,
      );
    expect(SchemaPinError.is(error)).toBe(true);
    expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain(marker);
  }
});

describe("nearly linear time is taken by", () => {
  const authority = generateKeyPair("ES256").privateKey;
  const authorities = new Map([["a", authority.publicKey.fingerprint]]);
  const clock = new ManualClock();

  test.each<[string, (size: number) => () => void]>([
    [
      "a revocation document",
      (size) => {
        const revoked_keys = Array.from({ length: size }, (_, index) => ({ fingerprint: hash(index) }));
        return () => void parseRevocationDocument({ domain, revoked_keys }, domain);
      },
    ],
    [
      "merging bundles",
      (size) => {
        const bundleOf = (from: number, signed_at: string) => ({
          signed_at,
          documents: [
            { domain, revoked_keys: Array.from({ length: size }, (_, index) => hash(from + index)) },
          ],
        });
        const bundles = [bundleOf(0, "2026-01-01T00:00:00Z"), bundleOf(size, "2026-01-02T00:00:00Z")];
        return () => void mergeTrustBundles(bundles);
      },
    ],
    [
      "a bundle of many documents",
      (size) => {
        const documents = Array.from({ length: size }, (_, index) => ({
          ...discoveryOf(key),
          domain: `d${index}.example`,
          developer_name: "D",
        }));
        const text = signTrustBundle({ documents }, { key: authority, kid: "a", clock });
        const ledger = new MemoryTrustLedger();
        return () => void verifyTrustBundle(text, { authorities, ledger, clock });
      },
    ],
    ["a TXT record", (size) => () => attempt(() => parseDnsRecord("a=b;".repeat(size)))],
    ["backslashes in a bundle", (size) => () => attempt(() => signBackslashes(size))],
  ])("%s", (_, build) => {
    const sizes = [250, 500, 1_000, 2_000];
    expect(growthExponent(sizes, build, (run) => run())).toBeLessThan(1.5);
  });

  function signBackslashes(size: number): string {
    const document = { ...discoveryOf(key), domain, developer_name: "\\".repeat(size * 10) };
    return signTrustBundle({ documents: [document] }, { key: authority, kid: "a", clock });
  }

  function attempt(run: () => unknown): void {
    try {
      run();
    } catch (error) {
      if (!SchemaPinError.is(error)) throw error;
    }
  }
});
