import { generateKeyPair, sign } from "@symbiont/keys";
import {
  BundleResolver,
  type BundleResolverOptions,
  canonicalize,
  MemoryTrustLedger,
  mergeTrustBundles,
  ResolverChain,
  readTrustBundleResponse,
  SchemaPinError,
  type SignTrustBundleOptions,
  signTrustBundle,
  type TrustBundleContent,
  type VerifyTrustBundleOptions,
  verifyTrustBundle,
} from "@symbiont/schemapin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  absent,
  FakeResolver,
  fingerprint,
  ManualClock,
  otherFingerprint,
  refused,
} from "./document-fixtures.ts";
import { discoveryOf, domain, key } from "./fixtures.ts";

const authority = generateKeyPair("ES256").privateKey;
const kid = "authority";
const clock = new ManualClock();
const MINUTE = 60_000;
const document = { domain, developer_name: "Tools", ...discoveryOf(key) };
const revocation = {
  schemapin_version: "1.2",
  domain,
  updated_at: "2026-05-01T00:00:00Z",
  revoked_keys: [
    { fingerprint: otherFingerprint, revoked_at: "2026-05-01T00:00:00Z", reason: "key_compromise" },
  ],
};

function signedBundle(
  content: Partial<TrustBundleContent> = {},
  options: Partial<SignTrustBundleOptions> = {},
): string {
  return signTrustBundle(
    { documents: [document], revocations: [revocation], ...content },
    { key: authority, kid, clock, ...options },
  );
}

function optionsOf(more: Partial<VerifyTrustBundleOptions> = {}): VerifyTrustBundleOptions {
  const authorities = new Map([[kid, authority.publicKey.fingerprint]]);
  return { authorities, ledger: new MemoryTrustLedger(), clock, ...more };
}

/** A bundle as a library would sign it that does not look at what it signs. */
function signedAnyhow(more: object): string {
  const unsigned = JSON.parse(JSON.stringify({ ...JSON.parse(signedBundle()), ...more, signature: "" }));
  const signature = Buffer.from(sign(authority, canonicalize(unsigned).text)).toString("base64");
  return JSON.stringify({ ...unsigned, signature });
}

/** Verifies a bundle that somebody changed after it was signed. */
async function verifyEdited(edit: (bundle: any) => void, more: Partial<VerifyTrustBundleOptions> = {}) {
  const bundle = JSON.parse(signedBundle());
  edit(bundle);
  return verifyTrustBundle(JSON.stringify(bundle), optionsOf(more));
}

describe("a trust bundle", () => {
  test("that was signed verifies, also when it is written differently", async () => {
    const text = signedBundle();
    const bundle = await verifyTrustBundle(text, optionsOf());
    expect(bundle).toMatchObject({ kid, signedAt: clock.now(), validUntil: Number.POSITIVE_INFINITY });
    expect([...bundle.documents.keys()]).toEqual([domain]);
    expect(bundle.revokedKeys.get(domain)).toEqual(new Set([otherFingerprint]));
    const pretty = JSON.stringify(JSON.parse(text), null, 2);
    await verifyTrustBundle(new TextEncoder().encode(pretty), optionsOf());
  });

  test("takes the authority's fingerprint in capital letters as well", async () => {
    const authorities = new Map([[kid, authority.publicKey.fingerprint.toUpperCase()]]);
    await verifyTrustBundle(signedBundle(), optionsOf({ authorities }));
  });

  test.each<[string, (bundle: any) => void, string]>([
    [
      "a document's key changed",
      (bundle) => (bundle.documents[0].public_key_pem = "x"),
      "SCHEMAPIN_SIGNATURE_INVALID",
    ],
    ["revocations left out", (bundle) => (bundle.revocations = []), "SCHEMAPIN_SIGNATURE_INVALID"],
    ["a member added", (bundle) => (bundle.more = 1), "SCHEMAPIN_SIGNATURE_INVALID"],
    ["no authority", (bundle) => delete bundle.bundle_authority, "SCHEMAPIN_BUNDLE_UNSIGNED"],
    ["null for an authority", (bundle) => (bundle.bundle_authority = null), "SCHEMAPIN_BUNDLE_UNSIGNED"],
    ["no signature", (bundle) => delete bundle.signature, "SCHEMAPIN_BUNDLE_UNSIGNED"],
    ["an empty signature", (bundle) => (bundle.signature = ""), "SCHEMAPIN_SIGNATURE_INVALID"],
    ["a signature with junk", (bundle) => (bundle.signature += "\n"), "SCHEMAPIN_SIGNATURE_INVALID"],
    ["another key id", (bundle) => (bundle.bundle_authority.kid = "constructor"), "SCHEMAPIN_KEY_NOT_FOUND"],
    ["no key", (bundle) => (bundle.bundle_authority.public_key_pem = "x"), "SCHEMAPIN_KEY_NOT_FOUND"],
    [
      "another key",
      (bundle) => (bundle.bundle_authority.public_key_pem = key.publicKey.toPem()),
      "SCHEMAPIN_KEY_PIN_MISMATCH",
    ],
  ])("with %s is refused", async (_, edit, code) => {
    const ledger = new MemoryTrustLedger();
    await expect(verifyEdited(edit, { ledger })).rejects.toThrow(refused(code));
    // And leaves no trace.
    expect(await ledger.advanceBundle(kid, 0)).toBe(true);
  });

  test.each([
    ["a name twice", (text: string) => text.replace("{", '{"created_at":"2026-01-01T00:00:00Z",')],
    ["__proto__", (text: string) => text.replace("{", '{"__proto__":{},')],
    ["a byte order mark", (text: string) => `\ufeff${text}`],
    ["more after its end", (text: string) => `${text}{}`],
    ["too deep a nesting", () => `${'{"a":'.repeat(100)}1${"}".repeat(100)}`],
  ])("with %s is not read at all", async (_, change) => {
    await expect(verifyTrustBundle(change(signedBundle()), optionsOf())).rejects.toThrow(
      refused("SCHEMAPIN_CANONICALIZATION_FAILED"),
    );
  });

  test("that is no object, or too large, is refused", async () => {
    await expect(verifyTrustBundle("[]", optionsOf())).rejects.toThrow(refused("SCHEMAPIN_BUNDLE_INVALID"));
    await expect(verifyTrustBundle(signedBundle(), optionsOf({ maxBytes: 100 }))).rejects.toThrow(
      refused("SCHEMAPIN_CANONICALIZATION_FAILED"),
    );
  });

  test("ends when it says so, with a minute for clocks that differ", async () => {
    const text = signedBundle({}, { expiresAt: clock.now() + MINUTE });
    const later = new ManualClock();
    const options = optionsOf({ clock: later });
    later.pass(2 * MINUTE);
    await verifyTrustBundle(text, options);
    later.pass(1);
    await expect(verifyTrustBundle(text, options)).rejects.toMatchObject({
      code: "SCHEMAPIN_BUNDLE_EXPIRED",
      protocolCode: "bundle_expired",
    });
  });

  test("ends when it is older than the operator allows", async () => {
    const later = new ManualClock();
    const options = optionsOf({ clock: later, maxAgeMs: MINUTE });
    await verifyTrustBundle(signedBundle(), options);
    later.pass(MINUTE + 1);
    await expect(verifyTrustBundle(signedBundle(), options)).rejects.toThrow(
      refused("SCHEMAPIN_BUNDLE_EXPIRED"),
    );
  });

  test.each<[string, object]>([
    ["another version", { schemapin_bundle_version: "2.0" }],
    ["no version", { schemapin_bundle_version: undefined }],
    ["no time", { signed_at: undefined }],
    ["a bare date for a time", { signed_at: "2026-05-01" }],
    ["no documents", { documents: undefined }],
    ["a document that is none", { documents: ["x"] }],
    ["revocations that are none", { revocations: {} }],
  ])("with %s is refused although it is signed", async (_, more) => {
    await expect(verifyTrustBundle(signedAnyhow(more), optionsOf())).rejects.toThrow(
      refused("SCHEMAPIN_BUNDLE_INVALID"),
    );
  });

  test("with a malformed revocation is refused as a whole", async () => {
    const revocations = [{ domain, revoked_keys: [{ fingerprint: "x" }] }];
    await expect(verifyTrustBundle(signedAnyhow({ revocations }), optionsOf())).rejects.toThrow(
      refused("SCHEMAPIN_DISCOVERY_INVALID"),
    );
  });

  test("unites what it says about one domain in several places", async () => {
    const revocations = [
      { domain, revoked_keys: [{ fingerprint }] },
      { domain, revoked_keys: [{ fingerprint: otherFingerprint }] },
    ];
    const { revokedKeys } = await verifyTrustBundle(signedAnyhow({ revocations }), optionsOf());
    expect(revokedKeys.get(domain)).toEqual(new Set([fingerprint, otherFingerprint]));
  });

  test("that was signed in the future is refused, so that it locks out no other", async () => {
    const ahead = new ManualClock();
    ahead.pass(MINUTE + 1_000);
    const ledger = new MemoryTrustLedger();
    await expect(
      verifyTrustBundle(signedBundle({}, { clock: ahead }), optionsOf({ ledger })),
    ).rejects.toThrow(refused("SCHEMAPIN_BUNDLE_INVALID"));
    await verifyTrustBundle(signedBundle(), optionsOf({ ledger }));
  });

  test("that is older than the last one is refused", async () => {
    const ledger = new MemoryTrustLedger();
    const ahead = new ManualClock();
    ahead.pass(MINUTE);
    await verifyTrustBundle(signedBundle({}, { clock: ahead }), optionsOf({ ledger, clock: ahead }));
    await expect(verifyTrustBundle(signedBundle(), optionsOf({ ledger, clock: ahead }))).rejects.toThrow(
      refused("SCHEMAPIN_BUNDLE_ROLLBACK"),
    );
  });

  test("never throws anything but SchemaPinError, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), async (text) => {
        const error: unknown = await verifyTrustBundle(text, optionsOf()).then(
          () => undefined,
          (caught: unknown) => caught,
        );
        expect(SchemaPinError.is(error)).toBe(true);
      }),
    );
  });
});

describe("signing a bundle", () => {
  test("writes what implementations with types would write", () => {
    const { revoked_keys: _, ...without } = document as Record<string, unknown>;
    expect(JSON.parse(signedBundle({ documents: [without] })).documents[0].revoked_keys).toEqual([]);
  });

  test.each<[string, Partial<TrustBundleContent>, string]>([
    ["an unknown member", { documents: [{ ...document, more: 1 }] }, "SCHEMAPIN_NOT_PORTABLE"],
    ["no developer name", { documents: [{ domain, ...discoveryOf(key) }] }, "SCHEMAPIN_NOT_PORTABLE"],
    [
      "an empty developer name",
      { documents: [{ ...document, developer_name: "" }] },
      "SCHEMAPIN_NOT_PORTABLE",
    ],
    ["null for a contact", { documents: [{ ...document, contact: null }] }, "SCHEMAPIN_NOT_PORTABLE"],
    [
      "a character that is escaped differently",
      { documents: [{ ...document, developer_name: "a\u2028b" }] },
      "SCHEMAPIN_NOT_PORTABLE",
    ],
    ["a backspace", { documents: [{ ...document, developer_name: "a\b" }] }, "SCHEMAPIN_NOT_PORTABLE"],
    ["no domain", { documents: [{ ...document, domain: undefined }] }, "SCHEMAPIN_BUNDLE_INVALID"],
    [
      "a domain in capitals",
      { documents: [{ ...document, domain: "A.example" }] },
      "SCHEMAPIN_BUNDLE_INVALID",
    ],
    ["two documents of a domain", { documents: [document, document] }, "SCHEMAPIN_BUNDLE_INVALID"],
    ["a key that is none", { documents: [{ ...document, public_key_pem: "x" }] }, "SCHEMAPIN_KEY_NOT_FOUND"],
    ["an unknown reason", { revocations: [withEntry({ reason: "bored" })] }, "SCHEMAPIN_NOT_PORTABLE"],
    [
      "a time that is missing",
      { revocations: [withEntry({ revoked_at: undefined })] },
      "SCHEMAPIN_NOT_PORTABLE",
    ],
    ["an unknown member of an entry", { revocations: [withEntry({ note: "x" })] }, "SCHEMAPIN_NOT_PORTABLE"],
    [
      "a revocation without its list",
      { revocations: [{ ...revocation, revoked_keys: undefined }] },
      "SCHEMAPIN_BUNDLE_INVALID",
    ],
    [
      "a revocation without its version",
      { revocations: [{ domain, revoked_keys: [] }] },
      "SCHEMAPIN_NOT_PORTABLE",
    ],
  ])("refuses %s", (_, content, code) => {
    expect(() => signedBundle(content)).toThrow(refused(code));
  });

  test("takes a backslash before b for what it is", async () => {
    await verifyTrustBundle(
      signedBundle({ documents: [{ ...document, developer_name: "a\\b" }] }),
      optionsOf(),
    );
  });

  test("needs an ES256 key and a key id", () => {
    expect(() => signedBundle({}, { key: generateKeyPair("Ed25519").privateKey })).toThrow(/ES256/);
    expect(() => signedBundle({}, { kid: "" })).toThrow(/kid/);
  });

  function withEntry(more: object): object {
    return { ...revocation, revoked_keys: [{ ...revocation.revoked_keys[0], ...more }] };
  }
});

describe("merging bundles", () => {
  const older = {
    signed_at: "2026-01-01T00:00:00Z",
    documents: [{ ...document, revoked_keys: [fingerprint] }],
  };
  const newer = { signed_at: "2026-02-01T00:00:00Z", documents: [document], revocations: [revocation] };

  test("keeps the newest document, every revocation, and the order of domains", () => {
    const other = { ...document, domain: "a.example" };
    const { bundle, conflicts } = mergeTrustBundles([older, { ...newer, documents: [document, other] }]);
    expect(bundle).toEqual({
      schemapin_bundle_version: "1.4",
      created_at: newer.signed_at,
      documents: [other, { ...document, revoked_keys: [fingerprint] }],
      revocations: [revocation],
    });
    expect(conflicts).toEqual([{ domain, kind: "document", kept: 1, dropped: 0 }]);
  });

  test("reports two keys for one domain", () => {
    const stolen = { ...document, public_key_pem: authority.publicKey.toPem() };
    expect(mergeTrustBundles([{ ...older, documents: [stolen] }, newer]).conflicts).toEqual([
      { domain, kind: "key", kept: 1, dropped: 0 },
    ]);
  });

  test("reports nothing when two say the same", () => {
    const { domain: name, ...others } = document as any;
    expect(
      mergeTrustBundles([newer, { ...newer, documents: [{ ...others, domain: name }] }]).conflicts,
    ).toEqual([]);
  });

  test("takes the first of two that are equally old", () => {
    const changed = { ...document, developer_name: "Second" };
    const { bundle, conflicts } = mergeTrustBundles([newer, { ...newer, documents: [changed] }]);
    expect(bundle.documents).toEqual([document]);
    expect(conflicts).toMatchObject([{ kept: 0, dropped: 1 }]);
  });

  test.each<[string, readonly unknown[]]>([
    ["nothing", []],
    ["no object", ["x"]],
    ["no time", [{ documents: [] }]],
    ["no documents", [{ signed_at: newer.signed_at }]],
    ["a document without a domain", [{ ...newer, documents: [{}] }]],
    ["a list that is none", [{ ...newer, documents: [{ domain, revoked_keys: "x" }] }, older]],
  ])("refuses %s", (_, bundles) => {
    expect(() => mergeTrustBundles(bundles)).toThrow(refused("SCHEMAPIN_BUNDLE_INVALID"));
  });

  test("gives what can be signed anew", async () => {
    const { bundle } = mergeTrustBundles([older, newer]);
    await verifyTrustBundle(signedBundle(bundle), optionsOf());
  });
});

test("a JSON-RPC response gives a bundle that still verifies", async () => {
  const response = `{"jsonrpc":"2.0","id":1,"result":{"bundle":${signedBundle()}}}`;
  await verifyTrustBundle(readTrustBundleResponse(response), optionsOf());
  expect(() => readTrustBundleResponse("{")).toThrow(refused("SCHEMAPIN_BUNDLE_INVALID"));
  expect(() => readTrustBundleResponse(response.replace("{", '{"error":{},'))).toThrow(
    refused("SCHEMAPIN_BUNDLE_INVALID"),
  );
});

describe("BundleResolver", () => {
  function resolverOf(more: Partial<BundleResolverOptions> = {}): BundleResolver {
    return new BundleResolver({ ...optionsOf(), load: async () => signedBundle(), ...more });
  }

  test("finds the documents and revocations of a bundle", async () => {
    const resolver = resolverOf();
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({
      status: "ok",
      document: { publicKey: key.publicKey },
    });
    expect(await resolver.resolveRevocation(domain)).toMatchObject({
      status: "ok",
      document: new Set([otherFingerprint]),
    });
    expect(await resolver.resolveDiscovery("other.example")).toEqual(absent);
    expect(await resolver.resolveRevocation("__proto__")).toEqual(absent);
  });

  test("stops a chain with a bundle that does not verify", async () => {
    const resolver = resolverOf({ authorities: new Map() });
    const chain = new ResolverChain([resolver, new FakeResolver()]);
    expect(await chain.resolveDiscovery(domain)).toMatchObject({
      status: "invalid",
      error: { code: "SCHEMAPIN_KEY_NOT_FOUND" },
    });
  });

  test("is invalid for the one domain whose document is malformed", async () => {
    const published = JSON.parse(JSON.stringify(document));
    published.public_key_pem = "x";
    const text = signedAnyhow({ documents: [published] });
    const resolver = resolverOf({ load: async () => text });
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({ status: "invalid" });
    expect(await resolver.resolveRevocation(domain)).toMatchObject({ status: "ok" });
  });

  test("loads once until it is time to look again", async () => {
    const later = new ManualClock();
    let loads = 0;
    const load = async () => {
      loads += 1;
      return signedBundle();
    };
    const resolver = resolverOf({ load, clock: later, refreshMs: MINUTE });
    await Promise.all([resolver.resolveDiscovery(domain), resolver.resolveRevocation(domain)]);
    later.pass(MINUTE - 1);
    await resolver.resolveDiscovery(domain);
    expect(loads).toBe(1);
    later.pass(1);
    await resolver.resolveDiscovery(domain);
    expect(loads).toBe(2);
  });

  test("uses the bundle before while the next cannot be loaded, until it expires", async () => {
    const later = new ManualClock();
    let down = false;
    const load = async () => (down ? Promise.reject(new Error("down")) : signedBundle());
    const resolver = resolverOf({ load, clock: later, maxAgeMs: 10 * MINUTE, refreshMs: MINUTE });
    await resolver.resolveDiscovery(domain);
    down = true;
    later.pass(2 * MINUTE);
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({ status: "ok" });
    later.pass(9 * MINUTE);
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({ status: "unavailable" });
  });

  test("has nothing when the clock no longer tells the time", async () => {
    const broken = new ManualClock();
    const resolver = resolverOf({ clock: broken });
    await resolver.resolveDiscovery(domain);
    broken.time = Number.NaN;
    expect((await resolver.resolveDiscovery(domain)).status).not.toBe("ok");
  });

  test("does not use the bundle before when the next does not verify", async () => {
    const later = new ManualClock();
    let text = signedBundle();
    const resolver = resolverOf({ load: async () => text, clock: later, refreshMs: MINUTE });
    await resolver.resolveDiscovery(domain);
    text = text.replace("Tools", "Tricks");
    later.pass(MINUTE);
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({
      status: "invalid",
      error: { code: "SCHEMAPIN_SIGNATURE_INVALID" },
    });
  });

  test("is unavailable when nothing can be loaded or the ledger fails, and asks again at once", async () => {
    let down = true;
    const load = async () => (down ? Promise.reject(new Error("down")) : signedBundle());
    const resolver = resolverOf({ load });
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({ status: "unavailable" });
    down = false;
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({ status: "ok" });
    const ledger = new MemoryTrustLedger();
    ledger.advanceBundle = async () => Promise.reject(new Error("disk"));
    expect(await resolverOf({ ledger }).resolveDiscovery(domain)).toMatchObject({ status: "unavailable" });
  });

  test("needs a time after which it looks again", () => {
    expect(() => resolverOf({ refreshMs: 0 })).toThrow(/refreshMs/);
  });
});
