import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryTrustLedger, type TrustLedger } from "@symbiont/schemapin";
import { FileTrustLedger } from "@symbiont/schemapin/file-trust-ledger";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fingerprint, otherFingerprint, refused } from "./document-fixtures.ts";

const domain = "tools.example.com";
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  path = join(folder, "ledger.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each<[string, () => TrustLedger]>([
  ["MemoryTrustLedger", () => new MemoryTrustLedger()],
  ["FileTrustLedger", () => new FileTrustLedger(path)],
])("%s", (_, open) => {
  test("remembers revoked keys by domain, and forgets none", async () => {
    const ledger = open();
    expect(await ledger.revokedKeys(domain)).toEqual(new Set());
    await ledger.addRevokedKeys(domain, new Set([fingerprint]));
    await ledger.addRevokedKeys(domain, new Set([otherFingerprint]));
    await ledger.addRevokedKeys(domain, new Set());
    expect(await ledger.revokedKeys(domain)).toEqual(new Set([fingerprint, otherFingerprint]));
    expect(await ledger.revokedKeys("other.example")).toEqual(new Set());
  });

  test("lets an authority's bundles only become newer, whatever its key id", async () => {
    for (const kid of ["authority", "__proto__", "constructor", ""]) {
      const ledger = open();
      expect(await ledger.advanceBundle(kid, 2_000)).toBe(true);
      expect(await ledger.advanceBundle(kid, 2_000)).toBe(true);
      expect(await ledger.advanceBundle(kid, 1_999)).toBe(false);
      expect(await ledger.advanceBundle(kid, 2_001)).toBe(true);
      expect(await ledger.advanceBundle(kid, 2_000)).toBe(false);
      expect(await ledger.advanceBundle(`${kid}2`, 1)).toBe(true);
    }
  });
});

describe("FileTrustLedger", () => {
  test("remembers in another instance, and keeps the file private", async () => {
    await new FileTrustLedger(path).addRevokedKeys(domain, new Set([fingerprint]));
    await new FileTrustLedger(path).advanceBundle("a", 5);
    expect(await new FileTrustLedger(path).revokedKeys(domain)).toEqual(new Set([fingerprint]));
    expect(await new FileTrustLedger(path).advanceBundle("a", 4)).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("sees what another instance wrote meanwhile", async () => {
    const [one, two] = [new FileTrustLedger(path), new FileTrustLedger(path)];
    await one.addRevokedKeys(domain, new Set([fingerprint]));
    expect(await two.revokedKeys(domain)).toEqual(new Set([fingerprint]));
    await one.addRevokedKeys(domain, new Set([otherFingerprint]));
    expect((await two.revokedKeys(domain)).size).toBe(2);
  });

  test("loses nothing when many write at once, and keeps the newest bundle", async () => {
    const hashes = Array.from({ length: 12 }, (_, index) => `sha256:${index.toString(16).padStart(64, "0")}`);
    await Promise.all(
      hashes.flatMap((hash, index) => [
        new FileTrustLedger(path).addRevokedKeys(domain, new Set([hash])),
        new FileTrustLedger(path).advanceBundle("a", index),
      ]),
    );
    const ledger = new FileTrustLedger(path);
    expect(await ledger.revokedKeys(domain)).toEqual(new Set(hashes));
    expect(await ledger.advanceBundle("a", 10)).toBe(false);
  });

  test.each([
    ["empty", ""],
    ["cut", '{"bundles":['],
    ["of another version", '{"bundles":[],"revoked":{},"version":2}'],
    ["without a part", '{"bundles":[],"version":1}'],
    ["with a list in place of domains", '{"bundles":[],"revoked":[],"version":1}'],
    ["with a malformed fingerprint", '{"bundles":[],"revoked":{"a.example":["x"]},"version":1}'],
    [
      "with a fingerprint in place of a list",
      `{"bundles":[],"revoked":{"a.example":"${fingerprint}"},"version":1}`,
    ],
    ["with a malformed time", '{"bundles":[["a","5"]],"revoked":{},"version":1}'],
    ["null", "null"],
  ])("throws when the file is %s, and leaves it as it is", async (_, content) => {
    writeFileSync(path, content, { mode: 0o600 });
    const ledger = new FileTrustLedger(path);
    const corrupt = refused("SCHEMAPIN_LEDGER_CORRUPT");
    await expect(ledger.revokedKeys(domain)).rejects.toThrow(corrupt);
    await expect(ledger.addRevokedKeys(domain, new Set([fingerprint]))).rejects.toThrow(corrupt);
    await expect(ledger.advanceBundle("a", 1)).rejects.toThrow(corrupt);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  test("throws when others may write the file", async () => {
    await new FileTrustLedger(path).advanceBundle("a", 1);
    chmodSync(path, 0o666);
    await expect(new FileTrustLedger(path).revokedKeys(domain)).rejects.toThrow(
      refused("SCHEMAPIN_LEDGER_UNAVAILABLE"),
    );
  });
});
