import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { tokenLogin, VaultClient } from "@symbiont/secrets/vault";
import { expect, onTestFinished, test } from "vitest";
import { runChild } from "../../../scripts/testing/run-child.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../net/test/fixtures/tls/${name}`, import.meta.url));

/** An https server that answers everything, and counts what reaches it. */
async function httpsServer(certificate: string): Promise<{ readonly address: string; requests: number }> {
  const pem = readFileSync(fixture(certificate));
  const server = createServer({ key: pem, cert: pem }, (_request, response) => {
    counter.requests += 1;
    response.end(JSON.stringify({ data: { ttl: 0, renewable: false } }));
  });
  const counter = { address: "", requests: 0 };
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  counter.address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return counter;
}

const request = (env: Record<string, string>): Promise<unknown> =>
  runChild("secrets", "vault-request.ts", { env: { NODE_NO_WARNINGS: "1", ...env } });

test("a server that nobody vouches for gets no token, whatever Vault's own variables say", async () => {
  const server = await httpsServer("self-signed.pem");
  const env = { VAULT_ADDR: server.address, VAULT_SKIP_VERIFY: "true", BAO_SKIP_VERIFY: "true" };
  expect(await request(env)).toEqual({
    code: "SECRET_TLS_UNVERIFIED",
    message: "nobody we trust vouches for the server (DEPTH_ZERO_SELF_SIGNED_CERT)",
    ignored: ["BAO_SKIP_VERIFY", "VAULT_SKIP_VERIFY"],
  });
  expect(server.requests).toBe(0);
});

test("a process that verifies no certificates gets no connection", async () => {
  const server = await httpsServer("self-signed.pem");
  const env = { VAULT_ADDR: server.address, NODE_TLS_REJECT_UNAUTHORIZED: "0" };
  expect(await request(env)).toMatchObject({ code: "SECRET_TLS_UNVERIFIED" });
  expect(server.requests).toBe(0);
});

test("an authority that the runtime is told to trust is trusted", async () => {
  const server = await httpsServer("server.pem");
  const env = { VAULT_ADDR: server.address, NODE_EXTRA_CA_CERTS: fixture("authority.pem") };
  expect(await request(env)).toEqual({ status: 200, ignored: [] });
});

test("an answer that is small on the way and huge unpacked is cut off", async () => {
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  const server = createHttpServer((_request, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(bomb);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using client = new VaultClient({ address, login: tokenLogin(() => "t") });
  expect(bomb.length).toBeLessThan(1 << 20);
  await expect(client.request({ method: "GET", path: ["a"], repeat: "always" })).rejects.toMatchObject({
    code: "SECRET_TOO_LARGE",
  });
});
