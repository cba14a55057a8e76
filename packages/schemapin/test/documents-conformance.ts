import { readFileSync } from "node:fs";
import { importPrivateKeyPem, importPublicKeyPem, sha256Hex } from "@symbiont/keys";
import {
  allowsDomain,
  canonicalize,
  checkA2aContext,
  checkClaims,
  checkDns,
  discoveryUrl,
  dnsRecordName,
  findDnsRecord,
  inspectClaims,
  intersectTrustedDomains,
  MemoryTrustLedger,
  mergeTrustBundles,
  parseDiscoveryDocument,
  parseDnsRecord,
  readTrustBundleResponse,
  revocationUrl,
  SchemaPinError,
  signTrustBundle,
  trustBundleRequest,
  verifyTrustBundle,
} from "@symbiont/schemapin";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";

const keys = JSON.parse(readFileSync(new URL("./vectors/schemapin/keys.json", import.meta.url), "utf8"));
const now = Date.parse("2026-06-01T00:00:00Z");
const clock = { now: () => now };

/** What `run` gives, or the protocol's code for why it does not. */
async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (SchemaPinError.is(error)) return error.protocolCode ?? error.code;
    throw error;
  }
}

/** Vector files about documents, the DNS, claims and contexts. */
export const documentsSuite: ConformanceSuite = {
  "schemapin/keys.json": (data, check) => {
    const all = [...data.public_key_encodings_of_publisher_a, ...data.rejected_public_keys];
    for (const { name, pem, expect: expected, expect_fingerprint } of all) {
      check(name, async () => {
        const document = { schema_version: "1.4", public_key_pem: pem };
        const fingerprint = await outcome(() => parseDiscoveryDocument(document).publicKey.fingerprint);
        expect(fingerprint).toBe(expected === "accept" ? expect_fingerprint : "key_not_found");
      });
    }
  },
  "schemapin/discovery.json": (data, check) => {
    for (const { domain, expect: expected } of data.urls) {
      check(`domain ${domain}`, async () => {
        const url = await outcome(() => discoveryUrl(domain));
        expect(url).toBe(expected === "reject" ? "discovery_invalid" : expected);
      });
    }
    for (const { url, expect: expected } of data.revocation_endpoints_for_example_com) {
      check(`revocation endpoint ${url}`, async () => {
        const own = await outcome(() => revocationUrl(url, "example.com"));
        expect(own).toBe(expected.startsWith("accept") ? url : "discovery_invalid");
        if (expected.startsWith("reject unless")) {
          expect(revocationUrl(url, "example.com", [new URL(url).hostname])).toBe(url);
        }
      });
    }
    for (const { name, doc, expect: expected } of data.documents) {
      check(`document ${name}`, async () => {
        const read = await outcome(() => parseDiscoveryDocument(doc));
        if (expected === "valid") expect(read).toMatchObject({ schemaVersion: doc.schema_version });
        else expect(read).toBe("discovery_invalid");
      });
    }
  },
  "schemapin/dns-txt.json": (data, check) => {
    for (const { txt, expect: expected, reference_javascript: reference } of data.parse) {
      check(`record ${txt}`, async () => {
        const record = await outcome(() => parseDnsRecord(txt));
        if (expected.startsWith("error")) {
          expect(record).toBe("discovery_invalid");
        } else {
          const { fingerprint, kid } = reference;
          expect(record).toEqual(kid ? { fingerprint, kid } : { fingerprint });
        }
      });
    }
    for (const { discovery_key, txt_fingerprint, expect: expected } of data.match) {
      check(`${expected} of ${txt_fingerprint}`, async () => {
        const lookup = async () => [[`v=schemapin1; fp=${txt_fingerprint}`]];
        const { fingerprint } = keys.keys[discovery_key];
        const result = await outcome(() =>
          checkDns("example.com", fingerprint, { policy: "require", lookup }),
        );
        expect(result).toBe(expected === "match" ? undefined : expected);
      });
    }
    for (const { domain, expect: expected } of data.names) {
      check(`name of ${domain}`, () => expect(dnsRecordName(domain)).toBe(expected.split(" ")[0]));
    }
    for (const { answer, expect: expected } of data.records) {
      check(expected, async () => {
        const record = await outcome(() => findDnsRecord(answer));
        if (expected === "absent") expect(record).toBeUndefined();
        else if (expected.includes("discovery_invalid")) expect(record).toBe("discovery_invalid");
        else expect(record).toEqual(parseDnsRecord(answer[1].join("")));
      });
    }
  },
  "schemapin/expiration.json": (data, check) => {
    for (const { expires_at, expect: expected } of data.cases) {
      check(`expires_at ${JSON.stringify(expires_at)}`, async () => {
        const { expired, warnings } = inspectClaims({ expires_at }, now);
        expect(expired).toBe(expected === "expired");
        const warning = { expired: "signature_expired", unparseable: "signature_expires_at_unparseable" }[
          expected as string
        ];
        expect(warnings).toEqual(warning === undefined ? [] : [warning]);
        const strict = await outcome(() => checkClaims({ expires_at }, { mode: "strict", now }).warnings);
        expect(strict).toEqual(warning === undefined ? [] : "SCHEMAPIN_SIGNATURE_EXPIRED");
        expect(checkClaims({ expires_at }, { mode: "permissive", now }).warnings).toEqual(warnings);
      });
    }
  },
  "schemapin/a2a.json": (data, check) => {
    for (const { list, domain, expect: expected } of data.allows) {
      check(`${JSON.stringify(list)} allows ${domain}`, () =>
        expect(allowsDomain(list, domain)).toBe(expected),
      );
    }
    for (const { lhs, rhs, expect: expected } of data.intersect) {
      check(`${lhs} and ${rhs}`, () => expect(intersectTrustedDomains(lhs, rhs)).toEqual(expected));
    }
    for (const { context, provider_domain, expect: expected } of data.contexts) {
      check(`context ${JSON.stringify(context)}`, async () => {
        const codes: Record<string, unknown> = {
          valid: undefined,
          invalid_argument: "SCHEMAPIN_A2A_CONTEXT_INVALID",
        };
        const result = await outcome(() => checkA2aContext(context, provider_domain));
        expect(result).toBe(expected in codes ? codes[expected] : expected);
      });
    }
  },
  "schemapin/trust-bundles.json": (data, check) => {
    for (const { name, bundle_text, expect: expected } of data.cases) {
      check(name, async () => {
        const ledger = new MemoryTrustLedger();
        const authorities = new Map<string, string>(Object.entries(expected.trusted_authorities));
        const last = expected.last_accepted_signed_at;
        for (const kid of last === undefined ? [] : authorities.keys())
          await ledger.advanceBundle(kid, Date.parse(last));
        const result = await outcome(() => verifyTrustBundle(bundle_text, { authorities, ledger, clock }));
        if (expected.verdict === "valid") expect(result).toMatchObject({ kid: [...authorities.keys()][0] });
        else
          expect(result).toBe(
            expected.code === "bundle_rollback" ? "SCHEMAPIN_BUNDLE_ROLLBACK" : expected.code,
          );
      });
    }
    check("published fixture", async () => {
      const { bundle, canonical_sha256 } = data.published_fixture;
      expect(sha256Hex(canonicalize({ ...bundle, signature: "" }).text)).toBe(canonical_sha256);
      const { kid, public_key_pem } = bundle.bundle_authority;
      const authorities = new Map([[kid, importPublicKeyPem(public_key_pem).fingerprint]]);
      const options = { authorities, ledger: new MemoryTrustLedger(), clock };
      const { documents } = await verifyTrustBundle(JSON.stringify(bundle), options);
      expect([...documents.keys()]).toEqual(["example.com"]);
    });
    check("signing again gives the same text", () => {
      const { bundle_authority, signed_at, expires_at, documents, revocations, ...others } = JSON.parse(
        data.cases[0].bundle_text,
      );
      const text = signTrustBundle(
        { documents, revocations },
        {
          key: importPrivateKeyPem(keys.keys["bundle-authority"].private_pkcs8_pem),
          kid: bundle_authority.kid,
          expiresAt: Date.parse(expires_at),
          clock: { now: () => Date.parse(signed_at) },
        },
      );
      expect(JSON.parse(text).signature).toBe(others.signature);
      expect(text.replace(others.signature, "")).toBe(data.canonical_of_valid_utf8);
    });
    for (const { name, inputs, reference, expect: expected, expect_winner } of data.merge) {
      check(`merge ${name}`, () => {
        const { bundle } = mergeTrustBundles(inputs);
        if (expect_winner !== undefined) {
          expect(bundle.documents).toMatchObject([{ tag: expect_winner.split(" ")[0] }]);
        } else if (expected === undefined) {
          expect(bundle).toEqual(reference);
        } else {
          expect(bundle.revocations).toMatchObject([
            { revoked_keys: inputs.flatMap((input: any) => input.revocations[0].revoked_keys) },
          ]);
        }
      });
    }
    check("JSON-RPC requests and responses", async () => {
      const { request_all, request_domain, response_shape, parse_errors } = data.jsonrpc;
      expect(trustBundleRequest(1)).toEqual(request_all);
      expect(trustBundleRequest("req-7", "example.com")).toEqual(request_domain);
      expect(readTrustBundleResponse(JSON.stringify(response_shape))).toBe(
        JSON.stringify(response_shape.result.bundle),
      );
      for (const { response, reference_code } of parse_errors)
        expect(await outcome(() => readTrustBundleResponse(JSON.stringify(response)))).toBe(reference_code);
    });
  },
};
