import type { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { fetchFor, httpsServer } from "./tls-server.ts";

vi.mock("node:net", async (original) => {
  const net = await original<typeof import("node:net")>();
  return {
    ...net,
    connect: (options: { host: string; port: number }): Socket =>
      Object.defineProperty(net.connect(options), "remoteAddress", { get: () => "::ffff:10.0.0.9" }),
  };
});

test("a connection that leads elsewhere is dropped before the handshake", async () => {
  const server = await httpsServer((_request, response) => response.end());
  await expect(fetchFor(server)(`https://one.example:${server.port}/`)).rejects.toMatchObject({
    code: "NET_PEER_MISMATCH",
    message: expect.not.stringMatching(/10\.0\.0\.9|127\.0\.0\.1/),
  });
  expect(server.requests).toHaveLength(0);
  await server.drained();
});
