import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDiscoveryDocument } from "@symbiont/schemapin";
import { DirectoryResolver } from "@symbiont/schemapin/directory-resolver";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fingerprint } from "./document-fixtures.ts";
import { discoveryOf, key } from "./fixtures.ts";

const domain = "tools.example.com";
const discovery = parseDiscoveryDocument(discoveryOf(key));
let folder: string;
let resolver: DirectoryResolver;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "documents-"));
  resolver = new DirectoryResolver(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: unknown, mode = 0o644): void {
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  chmodSync(join(folder, name), mode);
}

describe("DirectoryResolver", () => {
  test("reads the documents of a domain", async () => {
    put(`${domain}.json`, discoveryOf(key));
    put(`${domain}.revocations.json`, { domain, revoked_keys: [{ fingerprint }] });
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({
      status: "ok",
      document: { publicKey: key.publicKey },
    });
    expect(await resolver.resolveRevocation(domain)).toMatchObject({
      status: "ok",
      document: new Set([discovery.publicKey.fingerprint]),
    });
  });

  test("sees a file that was replaced", async () => {
    put(`${domain}.json`, discoveryOf(key));
    await resolver.resolveDiscovery(domain);
    put(`${domain}.json`, discoveryOf(key, { developer_name: "New" }));
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({ document: { developerName: "New" } });
  });

  test("has nothing for a domain without files", async () => {
    expect(await resolver.resolveDiscovery(domain)).toEqual({ status: "absent" });
    expect(await resolver.resolveRevocation(domain)).toEqual({ status: "absent" });
  });

  test("knows nothing when the folder is gone", async () => {
    const gone = new DirectoryResolver(join(folder, "gone"));
    expect(await gone.resolveDiscovery(domain)).toMatchObject({ status: "unavailable" });
    expect(await gone.resolveRevocation(domain)).toMatchObject({ status: "unavailable" });
  });

  test.each(["../secret", "a/b.example", "a\\b.example", "..", ".", "", "a.example\0", "C:.example"])(
    "reads no file for %j",
    async (name) => {
      put("secret.json", discoveryOf(key));
      expect(await new DirectoryResolver(join(folder, "x")).resolveDiscovery(name)).toMatchObject({
        status: "invalid",
        error: { code: "SCHEMAPIN_DOMAIN_INVALID" },
      });
    },
  );

  test.each<[string, () => void]>([
    [
      "a symbolic link",
      () => {
        put("elsewhere", discoveryOf(key));
        symlinkSync(join(folder, "elsewhere"), join(folder, `${domain}.json`));
      },
    ],
    ["writable by others", () => put(`${domain}.json`, discoveryOf(key), 0o666)],
    ["too large", () => put(`${domain}.json`, { ...discoveryOf(key), x: "x".repeat(65_536) })],
    ["not JSON", () => put(`${domain}.json`, "{")],
    ["not a discovery document", () => put(`${domain}.json`, {})],
  ])("refuses a file that is %s", async (_, make) => {
    make();
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({
      status: "invalid",
      error: { code: "SCHEMAPIN_DISCOVERY_INVALID" },
    });
  });

  test("refuses a folder in which others may replace files", async () => {
    put(`${domain}.json`, discoveryOf(key));
    chmodSync(folder, 0o777);
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({ status: "invalid" });
  });
});
