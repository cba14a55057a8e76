import { generateKeyPair } from "@symbiont/keys";
import type { ToolDefinition } from "@symbiont/kit";
import {
  buildDiscoveryDocument,
  buildRevocationDocument,
  createWellKnownHandler,
  DISCOVERY_PATH,
  parseDiscoveryDocument,
  parseRevocationDocument,
  REVOCATION_PATH,
  signTools,
} from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import { fingerprint, ManualClock, otherFingerprint, refused } from "./document-fixtures.ts";
import { domain, judge, key, readFile, verifierOf } from "./fixtures.ts";

const publicKey = key.publicKey;
const about = { domain, publicKey, developerName: "Example Tools" };

describe("a discovery document", () => {
  test("that was built can be read", () => {
    const revocationEndpoint = `https://${domain}${REVOCATION_PATH}`;
    const document = buildDiscoveryDocument({
      ...about,
      contact: "security@example.com",
      revokedKeys: [otherFingerprint],
      revocationEndpoint,
    });
    expect(parseDiscoveryDocument(document)).toEqual({
      schemaVersion: "1.4",
      publicKey,
      developerName: "Example Tools",
      contact: "security@example.com",
      revocationEndpoint,
      revokedKeys: new Set([otherFingerprint]),
      warnings: [],
    });
    expect(buildDiscoveryDocument(about)).toEqual({
      schema_version: "1.4",
      developer_name: "Example Tools",
      public_key_pem: publicKey.toPem(),
      revoked_keys: [],
    });
  });

  test.each([
    [
      "revokes its own key",
      { revokedKeys: [fingerprint.toUpperCase().replace("SHA256", "sha256")] },
      "SCHEMAPIN_KEY_REVOKED",
    ],
    ["revokes what is no fingerprint", { revokedKeys: ["x"] }, "SCHEMAPIN_DISCOVERY_INVALID"],
    [
      "names an endpoint elsewhere",
      { revocationEndpoint: "https://a.example/r" },
      "SCHEMAPIN_DISCOVERY_INVALID",
    ],
    ["is of no domain", { domain: "localhost" }, "SCHEMAPIN_DOMAIN_INVALID"],
    [
      "has another kind of key",
      { publicKey: generateKeyPair("Ed25519").publicKey },
      "SCHEMAPIN_KEY_NOT_FOUND",
    ],
  ])("is not built when it %s", (_, more, code) => {
    expect(() => buildDiscoveryDocument({ ...about, ...more })).toThrow(refused(code));
  });
});

describe("a revocation document", () => {
  test("that was built can be read", () => {
    const clock = new ManualClock();
    const document = buildRevocationDocument(
      "Tools.Example.com",
      [{ fingerprint: otherFingerprint, revokedAt: 0, reason: "superseded" }],
      clock,
    );
    expect(document).toEqual({
      schemapin_version: "1.2",
      domain,
      updated_at: "2026-06-01T00:00:00.000Z",
      revoked_keys: [
        { fingerprint: otherFingerprint, revoked_at: "1970-01-01T00:00:00.000Z", reason: "superseded" },
      ],
    });
    expect(parseRevocationDocument(document, domain)).toEqual(new Set([otherFingerprint]));
  });

  test("is not built with what is no fingerprint", () => {
    expect(() =>
      buildRevocationDocument(domain, [{ fingerprint: "x", revokedAt: 0, reason: "superseded" }]),
    ).toThrow(refused("SCHEMAPIN_DISCOVERY_INVALID"));
  });

  test.each([
    ["schemapin_version", 1.2],
    ["updated_at", "yesterday"],
    ["revoked_keys", null],
    ["revoked_keys", [null]],
    ["revoked_keys", [fingerprint]],
  ])("is not read with %s %j", (member, value) => {
    expect(() => parseRevocationDocument({ domain, [member]: value }, domain)).toThrow(
      refused("SCHEMAPIN_DISCOVERY_INVALID"),
    );
  });
});

describe("the handler", () => {
  const discovery = buildDiscoveryDocument(about);
  const revocation = buildRevocationDocument(domain, []);
  const handle = createWellKnownHandler({ domain, discovery, revocation });
  const ask = (path: string, init: RequestInit = {}) => handle(new Request(`https://${domain}${path}`, init));

  test.each([
    [DISCOVERY_PATH, discovery, "public, max-age=3600"],
    [REVOCATION_PATH, revocation, "public, max-age=300"],
  ])("serves %s with how long it may be kept", async (path, document, cacheControl) => {
    const response = await ask(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(document);
    expect(Object.fromEntries(response.headers)).toEqual({
      "access-control-allow-origin": "*",
      "cache-control": cacheControl,
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    });
  });

  test("answers HEAD without a body, and a known version with 304", async () => {
    const head = await ask(DISCOVERY_PATH, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const etag = head.headers.get("etag") ?? "";
    const again = await ask(DISCOVERY_PATH, { headers: { "if-none-match": etag } });
    expect([again.status, again.headers.get("cache-control")]).toEqual([304, "public, max-age=3600"]);
    expect((await ask(REVOCATION_PATH, { headers: { "if-none-match": etag } })).status).toBe(200);
  });

  test.each(["/", "/.well-known/schemapin.json/", "/.well-known/other", "/constructor"])(
    "has nothing at %s",
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  test("has no revocation document when there is none", async () => {
    const request = new Request(`https://${domain}${REVOCATION_PATH}`);
    expect((await createWellKnownHandler({ domain, discovery })(request)).status).toBe(404);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("refuses %s", async (method) => {
    const response = await ask(DISCOVERY_PATH, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("asks a function each time, so that a revocation counts at once", async () => {
    let revoked: string[] = [];
    const changing = createWellKnownHandler({
      domain,
      discovery,
      revocation: async () =>
        buildRevocationDocument(
          domain,
          revoked.map((key) => ({ fingerprint: key, revokedAt: 0, reason: "key_compromise" })),
        ),
      revocationMaxAgeSeconds: 60,
    });
    const get = async () => changing(new Request(`https://${domain}${REVOCATION_PATH}`));
    expect(await (await get()).json()).toMatchObject({ revoked_keys: [] });
    revoked = [fingerprint];
    const response = await get();
    expect(await response.json()).toMatchObject({ revoked_keys: [{ fingerprint }] });
    expect(response.headers.get("cache-control")).toBe("public, max-age=60");
  });

  test("serves no document that nobody could use", async () => {
    const request = new Request(`https://${domain}${DISCOVERY_PATH}`);
    await expect(createWellKnownHandler({ domain, discovery: {} })(request)).rejects.toThrow(
      refused("SCHEMAPIN_DISCOVERY_INVALID"),
    );
    const wrong = createWellKnownHandler({ domain: "other.example", discovery, revocation });
    await expect(wrong(new Request(`https://${domain}${REVOCATION_PATH}`))).rejects.toThrow(
      refused("SCHEMAPIN_DOMAIN_MISMATCH"),
    );
  });

  test.each([-1, 1.5, Number.NaN])("needs a count of seconds, not %s", (value) => {
    expect(() => createWellKnownHandler({ domain, discovery, discoveryMaxAgeSeconds: value })).toThrow(
      /discoveryMaxAgeSeconds/,
    );
  });
});

describe("signTools", () => {
  test("signs a whole list, which is then admitted", async () => {
    const tools = signTools([readFile, { ...readFile, name: "write_file" }], { key, domain });
    const { verifier } = verifierOf();
    const { findings } = await verifier.admit(tools, "files");
    expect(findings.map(({ tool, code }) => `${tool} ${code}`)).toEqual([
      "read_file verified",
      "write_file verified",
    ]);
  });

  test.each<[string, ToolDefinition, string]>([
    ["that has the name of another", readFile, "SCHEMAPIN_DUPLICATE_TOOL"],
    [
      "that is not portable",
      { ...readFile, name: "b", inputSchema: { minimum: 1e300 } },
      "SCHEMAPIN_NOT_PORTABLE",
    ],
  ])("signs nothing when there is a tool %s, and names it", (_, tool, code) => {
    expect(() => signTools([readFile, tool], { key, domain })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(`^tool "${tool.name}": `) }),
    );
  });

  test("states when the signatures expire, and what they follow", async () => {
    const clock = new ManualClock();
    const expiresAt = clock.now() + 1_000;
    const previousHash = `sha256:${"0".repeat(64)}`;
    const [tool] = signTools([readFile], { key, domain, clock, expiresAt, schemaVersion: "2", previousHash });
    expect(tool?._meta).toMatchObject({
      "org.schemapin/signature": {
        expires_at: "2026-06-01T00:00:01.000Z",
        schema_version: "2",
        previous_hash: previousHash,
      },
    });
    const strict = verifierOf({ clock }).verifier;
    expect(await judge(strict, tool as ToolDefinition)).toBe("allow verified");
    clock.pass(1_001);
    expect(await judge(strict, tool as ToolDefinition)).toBe("block SCHEMAPIN_SIGNATURE_EXPIRED");
    const permissive = verifierOf({ clock, mode: "permissive" }).verifier;
    expect(await judge(permissive, tool as ToolDefinition)).toBe("warn SCHEMAPIN_SIGNATURE_EXPIRED");
  });
});
