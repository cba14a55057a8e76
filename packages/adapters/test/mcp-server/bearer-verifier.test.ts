import { createServer } from "node:http";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth as requireBearerAuthV1 } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { OAuthError, OAuthErrorCode, requireBearerAuth } from "@modelcontextprotocol/server";
import { type BearerVerifierOptions, bearerVerifier, principalOf } from "@symbiont/adapters/mcp-server";
import { ApiKeys, apiKeyIdentity, MemoryStore } from "@symbiont/api-keys";
import { SymbiontError } from "@symbiont/kit";
import express from "express";
import { afterEach, describe, expect, test } from "vitest";
import { get, listen, type Running } from "../http/servers.ts";

const AUDIENCE = "https://mcp.example.com/";
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (server) => server.close()));
});

class Unavailable extends SymbiontError<"STORE_UNAVAILABLE"> {
  readonly httpStatus = 503;
}

interface Answer {
  readonly status: number;
  readonly principal?: string;
  readonly challenge?: string | null | undefined;
}

type Options = Omit<BearerVerifierOptions, "invalidToken" | "audience">;

/** Both major versions behind one face: what a request with this header gets. */
const hosts: Readonly<
  Record<string, (options: Options, header: string, scopes: string[]) => Promise<Answer>>
> = {
  "MCP server 2": async (options, header, requiredScopes) => {
    const verifier = bearerVerifier({
      ...options,
      audience: AUDIENCE,
      invalidToken: (text) => new OAuthError(OAuthErrorCode.InvalidToken, text),
    });
    const gate = requireBearerAuth({ verifier, requiredScopes, expectedResource: new URL(AUDIENCE) });
    const result = await gate(new Request(AUDIENCE, { headers: { authorization: header } }));
    return result instanceof Response
      ? { status: result.status, challenge: result.headers.get("www-authenticate") }
      : { status: 200, principal: principalOf(result).id };
  },
  "MCP server 1": async (options, header, requiredScopes) => {
    const app = express();
    const verifier = bearerVerifier({
      ...options,
      audience: AUDIENCE,
      invalidToken: (text) => new InvalidTokenError(text),
    });
    app.use(requireBearerAuthV1({ verifier, requiredScopes }));
    app.get("/", (request, response) => void response.send(principalOf(request.auth).id));
    const server = await listen(createServer(app));
    running.push(server);
    const { status, headers, body } = await get(server, { authorization: header });
    return {
      status,
      challenge: headers["www-authenticate"] as string,
      ...(status === 200 ? { principal: body } : {}),
    };
  },
};

async function issued() {
  const keys = new ApiKeys({ store: new MemoryStore() });
  const { token, key } = await keys.create({ agents: ["a-1"], scopes: ["files:read"] });
  return { keys, text: token.reveal(), keyId: key.keyId, verifier: apiKeyIdentity(keys, AUDIENCE) };
}

describe.each(Object.entries(hosts))("%s", (_name, ask) => {
  test("takes an API key that never ends, and knows whose it is", async () => {
    const { verifier, text } = await issued();
    const answer = await ask({ verifier }, `Bearer ${text}`, ["files:read"]);
    expect(answer).toMatchObject({ status: 200, principal: expect.stringMatching(/./) });
  });

  test("refuses a wrong and a revoked key alike, with a challenge", async () => {
    const { keys, verifier, text, keyId } = await issued();
    const wrong = await ask({ verifier }, `Bearer ${text}x`, []);
    await keys.revoke(keyId, "lost");
    const revoked = await ask({ verifier }, `Bearer ${text}`, []);
    expect(wrong).toMatchObject({ status: 401, challenge: expect.stringContaining("invalid_token") });
    expect(revoked).toEqual(wrong);
  });

  test("refuses what the key's scopes do not cover", async () => {
    const { verifier, text } = await issued();
    expect(await ask({ verifier }, `Bearer ${text}`, ["files:write"])).toMatchObject({ status: 403 });
  });

  test("a store that is gone is not the caller's fault", async () => {
    const verifier = {
      verify: async () => {
        throw new Unavailable("STORE_UNAVAILABLE", "the store is gone");
      },
    };
    expect(await ask({ verifier }, "Bearer whatever", [])).toMatchObject({ status: 500 });
  });
});

test("what another verifier let in has no principal", () => {
  expect(() => principalOf({ extra: {} })).toThrow(TypeError);
  expect(() => principalOf(undefined)).toThrow(TypeError);
});
