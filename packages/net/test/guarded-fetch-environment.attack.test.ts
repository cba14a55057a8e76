import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { runChild } from "../../../scripts/testing/run-child.ts";
import { authority, httpsServer } from "./tls-server.ts";

test("NODE_TLS_REJECT_UNAUTHORIZED=0 does not switch verification off", async () => {
  const server = await httpsServer((_request, response) => response.end(), "self-signed.pem");
  const result = await runChild("net", "fetch-once.mjs", {
    args: [`https://one.example:${server.port}/`],
    env: { NODE_TLS_REJECT_UNAUTHORIZED: "0", NODE_NO_WARNINGS: "1" },
  });
  expect(result).toEqual({ ours: "NET_TLS_FAILED", bare: "200" });
  expect(server.requests).toHaveLength(1);
});

test("proxies of the environment see nothing", async () => {
  const server = await httpsServer((_request, response) => response.end());
  let proxied = 0;
  const proxy = createServer((_request, response) => response.end());
  proxy.on("connection", () => (proxied += 1));
  await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
  const result = await runChild("net", "fetch-once.mjs", {
    args: [`https://one.example:${server.port}/`, authority],
    env: { ...Object.fromEntries(names.map((name) => [name, address])), NODE_USE_ENV_PROXY: "1" },
  });
  expect(result).toMatchObject({ ours: "200" });
  expect(server.requests).toHaveLength(1);
  // Runtimes that know NODE_USE_ENV_PROXY send the comparison through the proxy, ours never.
  expect(proxied).toBeLessThanOrEqual(1);
});
