import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tokenLogin, VaultClient, vaultStore } from "@symbiont/secrets/vault";
import type { Bench } from "../../../scripts/bench/bench.ts";

const ENTRY = {
  request_id: "1f2e3d4c-0000-0000-0000-000000000000",
  lease_id: "",
  renewable: false,
  lease_duration: 0,
  data: {
    data: { value: "s3cr3t-of-thirty-two-characters!" },
    metadata: {
      created_time: "2026-11-23T05:03:44.059537061Z",
      custom_metadata: null,
      deletion_time: "",
      destroyed: false,
      version: 7,
    },
  },
};

/** Answers every read with the same entry. The server runs in this process: it weighs on both sides alike. */
async function serve(): Promise<string> {
  const body = JSON.stringify(ENTRY);
  const lookup = JSON.stringify({ data: { ttl: 0, renewable: false } });
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(request.url?.endsWith("lookup-self") === true ? lookup : body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const benches = async (): Promise<readonly Bench[]> => {
  const address = await serve();
  const client = new VaultClient({ address, login: tokenLogin(() => "token") });
  const store = vaultStore(client);
  const cached = vaultStore(client, { cache: { ttlMs: 86_400_000 } });
  await cached.get("a");
  const headers = { "x-vault-token": "token" };
  const value = Buffer.from(ENTRY.data.data.value);
  const map = new Map([["a", value]]);

  return [
    {
      name: "Vault get, cached",
      ours: async () => (await cached.get("a")).dispose(),
      floor: async () => Uint8Array.from(map.get("a") ?? value).fill(0),
      floorName: "a Map, and a copy that is zeroed",
    },
    {
      name: "Vault get over the loopback",
      ours: async () => (await store.get("a")).dispose(),
      floor: async () => (await fetch(`${address}/v1/secret/data/a`, { headers })).json(),
      floorName: "bare fetch and JSON.parse",
      maxFloorRatio: 1.6,
    },
  ];
};
