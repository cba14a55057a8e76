import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryTrustLedger } from "@symbiont/schemapin";
import { FileTrustLedger } from "@symbiont/schemapin/file-trust-ledger";
import { trustLedgerContract } from "@symbiont/schemapin/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fingerprint, refused } from "./document-fixtures.ts";

const domain = "tools.example.com";
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  path = join(folder, "ledger.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("MemoryTrustLedger keeps the contract:", () => {
  const open = async () => new MemoryTrustLedger();
  test.each(trustLedgerContract(open, async (ledger) => ledger))("$name", async ({ run }) => run());
});

describe("FileTrustLedger keeps the contract:", () => {
  const open = async () => new FileTrustLedger(path);
  test.each(trustLedgerContract(open, open))("$name", async ({ run }) => run());
});

describe("FileTrustLedger", () => {
  test("remembers in another instance, and keeps the file private", async () => {
    await new FileTrustLedger(path).addRevokedKeys(domain, new Set([fingerprint]));
    await new FileTrustLedger(path).advanceBundle("a", 5);
    expect(await new FileTrustLedger(path).revokedKeys(domain)).toEqual(new Set([fingerprint]));
    expect(await new FileTrustLedger(path).advanceBundle("a", 4)).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
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
