import type { ServerResponse } from "node:http";
import { AgentPinError, DocumentCache, discoveryUrl, revocationUrl } from "@symbiont/agentpin";
import { createIssuerFetch, WellKnownResolver } from "@symbiont/agentpin/well-known-resolver";
import { createUrlPolicy } from "@symbiont/net";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { fetchFrom, startDocumentServer } from "../document-server.ts";
import { namedDocuments, outcomeOf } from "./vector-world.ts";

const valid = (issuer: string): string =>
  JSON.stringify({ ...namedDocuments["deployer"], entity: issuer, revocation_endpoint: undefined });

/** Plays the response of a vector over real TLS. */
function play({ response }: any, outgoing: ServerResponse): void {
  if (response.delay_headers_ms !== undefined) return;
  if (response.drip !== undefined) {
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.write("{");
    return;
  }
  const { "content-length": declared, ...headers } = response.headers ?? {};
  outgoing.writeHead(
    response.status ?? 200,
    declared === undefined ? headers : { ...headers, "content-length": declared },
  );
  if (response.status === 204 || response.status === 304) outgoing.end();
  else outgoing.end(bodyOf(response));
}

function bodyOf(response: any): string | Buffer {
  if (response.body_bytes !== undefined) return Buffer.alloc(response.body_bytes, " ");
  if (response.body_hex !== undefined) return Buffer.from(response.body_hex, "hex");
  if (response.body?.includes("repeated 200 times")) return "[".repeat(200);
  // The whole document is left out of the vector.
  if (response.body === undefined || response.body.includes("rest of a valid document"))
    return valid("example.com");
  return response.body;
}

/** Only who never answers is waited for no longer than need be: the machine may be slow as well. */
function isSlow({ response }: any): boolean {
  return response.delay_headers_ms !== undefined || response.drip !== undefined;
}

async function respond(one: any): Promise<object> {
  const scheme = one.response.url?.split(":")[0];
  const server = await startDocumentServer(
    (_, outgoing) => play(one, outgoing),
    one.response.tls === undefined ? "server" : "other",
  );
  try {
    const guarded = fetchFrom(server, { timeoutMs: isSlow(one) ? 500 : 20_000 });
    const fetch: typeof guarded = async (url, request) =>
      guarded(scheme === undefined ? url : String(url).replace(/^https/, scheme), request);
    const cache = new DocumentCache({ resolver: new WellKnownResolver({ fetch }) });
    const found = await cache.lookUp("example.com");
    if ("discovery" in found) return { accept: true };
    const { valid: _, ...outcome } = outcomeOf(found, one.expect) as { readonly valid?: unknown };
    return outcome;
  } finally {
    server.close();
  }
}

export const fetchVectors: VectorFile = (data, check) => {
  for (const { iss, expect: expected } of data.issuer_syntax) {
    check(`issuer ${JSON.stringify(iss)}`, () => {
      if (expected.accept) {
        expect(discoveryUrl(iss)).toBe(expected.url);
        expect(revocationUrl(iss, undefined)).toBe(expected.revocation_default);
      } else {
        expect(() => discoveryUrl(iss)).toThrow(
          expect.objectContaining({ code: `AGENTPIN_${expected.error_code}`, reason: expected.reason }),
        );
      }
    });
  }
  const policy = createUrlPolicy();
  for (const { address, expect_allowed } of data.address_filter) {
    check(`address ${address}`, async () => {
      // An allowed one is not connected to: it is somebody's.
      if (expect_allowed) {
        expect(policy.checkAnswers([address])).toHaveLength(1);
        return;
      }
      const fetch = createIssuerFetch({ lookup: async () => [address] });
      const cache = new DocumentCache({ resolver: new WellKnownResolver({ fetch }) });
      const found: any = await cache.lookUp("example.com");
      expect(found.protocolCode).toBe("DISCOVERY_FETCH_FAILED");
      expect(["address", "dns"]).toContain(found.reason);
    });
  }
  for (const { dns, expect: expected } of data.dns_answer_sets) {
    check(`answers ${JSON.stringify(dns)}`, () => {
      const judge = (): unknown => policy.checkAnswers(dns);
      if (expected === "connect") expect(judge).not.toThrow();
      else expect(judge).toThrow();
    });
  }
  for (const one of data.responses) {
    check(`response ${one.id}`, async () => expect(await respond(one)).toEqual(one.expect));
  }
  for (const { entity, revocation_endpoint: endpoint, expect: expected } of data.revocation_endpoint) {
    check(`endpoint ${JSON.stringify(endpoint)}`, () => {
      if (expected === true) expect(revocationUrl(entity, endpoint)).toBe(endpoint);
      else if (expected === "default")
        expect(revocationUrl(entity, endpoint ?? undefined)).toBe(
          `https://${entity}/.well-known/agent-identity-revocations.json`,
        );
      else {
        expect(() => revocationUrl(entity, endpoint)).toThrow(AgentPinError);
        const allow = (): string => revocationUrl(entity, endpoint, ["rev.example.com"]);
        if (expected === "option") expect(allow()).toBe(endpoint);
        else expect(allow).toThrow(AgentPinError);
      }
    });
  }
};
