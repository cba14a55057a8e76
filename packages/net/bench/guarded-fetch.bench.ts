import { readFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { createGuardedFetch } from "@symbiont/net/guarded-fetch";
import type { Bench } from "../../../scripts/bench/bench.ts";

const fixtures = new URL("../test/fixtures/tls/", import.meta.url);
const pem = readFileSync(new URL("server.pem", fixtures));
const ca = readFileSync(new URL("authority.pem", fixtures), "utf8");

/** A server and both clients on one loopback; the server does not keep the process alive. */
export async function benches(): Promise<readonly Bench[]> {
  const server = createServer({ key: pem, cert: pem }, (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ padding: "x".repeat(1_000) }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  const url = `https://one.example:${port}/document.json`;
  const fetch = createGuardedFetch({
    ca,
    ports: [port],
    dangerouslyAllow: ["127.0.0.1"],
    lookup: async () => ["127.0.0.1"],
  });
  return [
    {
      name: "guarded GET with handshake, 1 kB, loopback",
      ours: () => fetch(url, { accept: ["application/json"] }),
      floor: () => bareGet(port),
      floorName: "node:https request with one added authority, no checks",
      maxFloorRatio: 1.25,
    },
  ];
}

function bareGet(port: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const target = { host: "127.0.0.1", port, path: "/document.json", servername: "one.example" };
    const outgoing = request({ ...target, ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks)));
    });
    outgoing.on("error", reject).end();
  });
}
