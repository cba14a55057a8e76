import { discoveryUrl } from "@symbiont/agentpin";
import { WellKnownResolver } from "@symbiont/agentpin/well-known-resolver";
import { expect, test } from "vitest";
import { fetchFrom, startDocumentServer } from "./document-server.ts";
import { refused, World } from "./world.ts";

test.each([
  "evil.example/../x",
  "127.0.0.1",
  "a.example:8443",
  "user@a.example",
  "localhost",
  "../../etc/passwd",
  "a.internal",
  "bücher.example",
  "a.example.",
])("23 the issuer %s becomes no address", async (iss) => {
  expect(() => discoveryUrl(iss)).toThrow(expect.objectContaining({ reason: "issuer_syntax" }));
  const world = new World();
  expect(await world.verifier({ trust: () => true }).verify(world.token({ iss }))).toEqual(
    refused("DISCOVERY_INVALID", "issuer_syntax"),
  );
  expect(world.asked).toEqual([]);
});

test.each<[string, string, string]>([
  ["redirects", "server", "redirect"],
  ["is silent", "server", "timeout"],
  ["is endless", "server", "too_large"],
  ["is compressed", "server", "content_encoding"],
  ["signs for itself", "self-signed", "tls"],
])("24 a server that %s is not believed", async (what, certificate, reason) => {
  const server = await startDocumentServer((_, response) => {
    const type = { "content-type": "application/json" };
    if (what === "redirects") response.writeHead(302, { location: "https://example.com/" }).end();
    else if (what === "is endless") response.writeHead(200, type).end(Buffer.alloc(2_000_000, " "));
    else if (what === "is compressed")
      response.writeHead(200, { ...type, "content-encoding": "gzip" }).end("x");
    else if (what !== "is silent") response.writeHead(200, type).end("{}");
  }, certificate as "server");
  try {
    const fetch = fetchFrom(server, { timeoutMs: what === "is silent" ? 500 : 20_000 });
    await expect(new WellKnownResolver({ fetch }).fetchDiscovery("example.com")).rejects.toThrow(
      expect.objectContaining({ code: "AGENTPIN_DISCOVERY_FETCH_FAILED", reason }),
    );
  } finally {
    server.close();
  }
});
