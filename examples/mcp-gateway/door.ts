import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  OAuthError,
  OAuthErrorCode,
  requireBearerAuth,
  Server,
} from "@modelcontextprotocol/server";
import { bearerVerifier } from "@symbiont/adapters/mcp-server";
import type { IdentityVerifier } from "@symbiont/kit";
import type { Backends } from "./backends.ts";

/** In front of the gateway: one MCP server over HTTP for all, its tools called `server.tool`. */
export interface Door {
  readonly url: string;
  close(): void;
}

/** Opens the door to whoever has a valid key. */
export async function openDoor(
  backends: Backends,
  identity: { readonly verifier: IdentityVerifier; readonly audience: string },
): Promise<Door> {
  const handler = createMcpHandler(({ authInfo }) => serverFor(backends, authInfo?.token));
  const invalidToken = (text: string): Error => new OAuthError(OAuthErrorCode.InvalidToken, text);
  const authenticate = requireBearerAuth({ verifier: bearerVerifier({ ...identity, invalidToken }) });
  const face = toNodeHandler({
    async fetch(request: Request) {
      const authInfo = await authenticate(request);
      return authInfo instanceof Response ? authInfo : handler.fetch(request, { authInfo });
    },
  });
  type Incoming = Parameters<typeof face>[0]; // which has no place for a member that is undefined
  const http = createServer((request, response) => void face(request as Incoming, response));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}

/** The server that the holder of a token sees. */
function serverFor(backends: Backends, token: string | undefined) {
  // oxlint-disable-next-line typescript/no-deprecated -- a gateway passes on tools whose schemas are not its own
  const server = new Server({ name: "gateway", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", async () => {
    const lists = [...backends.clients].map(async ([id, client]) => {
      const { tools } = await client.listTools();
      return tools.map((tool) => ({ ...tool, name: `${id}.${tool.name}` }));
    });
    return { tools: (await Promise.all(lists)).flat() };
  });
  server.setRequestHandler("tools/call", async ({ params }) => {
    const [id = "", ...name] = params.name.split(".");
    const backend = backends.clients.get(id);
    if (backend === undefined || token === undefined) throw new Error("there is no such tool");
    return backends.as(token, async () => backend.callTool({ ...params, name: name.join(".") }));
  });
  return server;
}
