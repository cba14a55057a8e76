// Bundles the service, proves that nothing of Node is in it, runs it under workerd (the open runtime of Cloudflare Workers),
// and calls it as an agent of another domain would.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  authorizationOf,
  buildDiscoveryDocument,
  buildRevocationDocument,
  CredentialIssuer,
  parseDiscoveryDocument,
} from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { build } from "esbuild";
import type { Env } from "./app.ts";

const workerd = (createRequire(import.meta.url)("workerd") as { default: string }).default;
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Makes one file of the service. Fails at any import that is not part of it, those of Node first of all. */
async function bundle(outfile: string, conditions: string[]): Promise<number> {
  const { metafile } = await build({
    entryPoints: [here("app.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", ...conditions],
    metafile: true,
    logLevel: "silent",
  });
  const outside = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external),
  );
  if (outside.length > 0) throw new Error(`needs ${outside.map(({ path }) => path).join(", ")}`);
  return Object.keys(metafile.inputs).length;
}

/** Starts workerd on a free port. */
async function serve(folder: string, env: Env): Promise<{ url: string; close: () => void }> {
  const bindings = Object.entries(env).map(
    ([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`,
  );
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01",
  bindings = [${bindings.join(", ")}],
);
`;
  writeFileSync(join(folder, "config.capnp"), config);
  const child = spawn(workerd, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const { event, port } = JSON.parse(line) as { event: string; port: number };
    if (event === "listen") return { url: `http://127.0.0.1:${port}`, close: () => void child.kill() };
  }
  throw new Error("workerd did not start");
}

export async function main(say: (line: string) => void, conditions: string[] = []): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hono-web-runtime-"));
  await bundle(join(folder, "worker.js"), conditions);
  say("bundled: no import of Node in it");

  // ── The other domain: it publishes who its agents are, and gives one of them a credential for us.
  const issuer = "deployer.example";
  const agentId = `urn:agentpin:${issuer}:scout`;
  const audience = "desk.example";
  const { privateKey: key, publicKey } = generateKeyPair("ES256");
  const agents = [{ agentId, name: "scout", capabilities: ["write:tickets"] }];
  const discovery = buildDiscoveryDocument({
    issuer,
    entityType: "deployer",
    keys: [{ kid: "k1", publicKey }],
    agents,
  });
  const issuing = new CredentialIssuer({
    key,
    kid: "k1",
    discovery: parseDiscoveryDocument(discovery, issuer),
  });
  const authorization = authorizationOf(
    issuing.issue({ agentId, audience, capabilities: ["write:tickets"] }),
  );

  const secret = "a secret of the example";
  const worker = await serve(folder, {
    AUDIENCE: audience,
    ISSUER: issuer,
    DISCOVERY: JSON.stringify(discovery),
    REVOCATION: JSON.stringify(buildRevocationDocument({ issuer })),
    POLICY: readFileSync(here("policy.symbi"), "utf8"),
    WEBHOOK_SECRET: secret,
  });
  const from = { "cf-connecting-ip": "198.51.100.7" };
  const get = async (path: string, headers: object): Promise<Response> =>
    fetch(worker.url + path, { headers: { ...from, ...headers } });
  const add = async (given: string): Promise<string> => {
    const response = await fetch(`${worker.url}/tools/add_ticket`, {
      method: "POST",
      body: given,
      headers: { ...from, authorization },
    });
    const result = (await response.json()) as { value?: string; code?: string };
    return `${response.status} ${result.value ?? result.code}`;
  };
  say(`who calls: ${await (await get("/whoami", { authorization })).text()}`);
  say(`without a credential: ${(await get("/whoami", {})).status}`);
  say(`a low ticket: ${await add('{"title":"tea is out","priority":"low"}')}`);
  say(`a high ticket: ${await add('{"title":"tea is out","priority":"high"}')}`);
  say(
    `one that two readers take differently: ${await add('{"title":"a","priority":"high","priority":"low"}')}`,
  );

  const body = '{"action":"opened"}';
  const signed = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const deliver = async (signature: string): Promise<string> => {
    const headers = { "x-hub-signature-256": signature };
    const response = await fetch(`${worker.url}/webhooks/github`, { method: "POST", body, headers });
    return response.ok ? response.text() : String(response.status);
  };
  say(
    `webhook: ${await deliver(signed)}; forged: ${await deliver(signed.replace(/.$/, (last) => (last === "0" ? "1" : "0")))}`,
  );
  say(`on record: ${await (await get("/records", { authorization })).text()}`);
  worker.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
