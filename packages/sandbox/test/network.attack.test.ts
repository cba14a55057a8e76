import { readdirSync, readFileSync } from "node:fs";
import { createServer as createPlain, request as plainRequest } from "node:http";
import { createServer as createTls } from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import os, { tmpdir } from "node:os";
import type { AuditRecord } from "@symbiont/kit";
import {
  gvisorTier,
  type NetworkPolicy,
  namespaceTier,
  nativeTier,
  Sandbox,
  SandboxSession,
} from "@symbiont/sandbox";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { GuestNetwork } from "../src/network/guest-network.ts";
import { resolveNetwork } from "../src/network/network-policy.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/tls/${name}`, import.meta.url));
const authority = fixture("authority.pem");
const key = fixture("server.pem");
const LOOPBACK = "127.0.0.1";

const seen: string[] = [];
const secure = createTls({ key, cert: key }, (request, response) => {
  seen.push(`${request.headers.host} ${request.url}`);
  response.end("from the real server");
});
const plain = createPlain((request, response) => {
  seen.push(`${request.method} ${request.headers.host} ${request.url} ${JSON.stringify(request.headers)}`);
  request.pipe(response);
});
let securePort = 0;
let plainPort = 0;

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, LOOPBACK, resolve);
  });
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  securePort = await portOf(secure);
  plainPort = await portOf(plain);
});
afterAll(() => {
  secure.close();
  plain.close();
});
afterEach(() => {
  seen.length = 0;
});

/** Both servers, as `allowed.test`. */
function policy(more: Partial<NetworkPolicy> = {}): NetworkPolicy {
  return {
    allow: [`allowed.test:${securePort}`, `allowed.test:${plainPort}`],
    dangerouslyAllow: [LOOPBACK],
    lookup: async () => [LOOPBACK],
    ...more,
  };
}

const tier = namespaceTier();
const { available, problems } = await tier.probe();
const why = available ? "" : ` (skipped: ${problems.join("; ")})`;

describe("programs that nobody has written for it", () => {
  const sandbox = new Sandbox({ tier, files: { "ca.pem": authority } });
  afterAll(async () => sandbox.close());

  test.skipIf(!available)(
    `reach a TLS server that is listed, and know it for the right one${why}`,
    async () => {
      const code = [
        "import urllib.request, ssl, os",
        "context = ssl.create_default_context(cafile='ca.pem')",
        "url = 'https://allowed.test:' + os.environ['PORT'] + '/path'",
        "print(urllib.request.urlopen(url, context=context).read().decode())",
      ].join("\n");
      const env = { PORT: String(securePort) };
      const { stdout, stderr } = await sandbox.run({
        interpreter: "/usr/bin/python3",
        code,
        env,
        network: policy(),
      });
      expect(stdout.text() + stderr.text()).toBe("from the real server\n");
      expect(seen).toEqual([`allowed.test:${securePort} /path`]);
    },
  );

  test.skipIf(!available)(`are told in words why they do not reach another${why}`, async () => {
    const code = [
      "import urllib.request, urllib.error",
      "try: urllib.request.urlopen('http://elsewhere.test/')",
      "except urllib.error.HTTPError as e: print(e.code, e.headers['X-Sandbox-Denied'], e.read().decode(), end='')",
    ].join("\n");
    const { stdout } = await sandbox.run({ interpreter: "/usr/bin/python3", code, network: policy() });
    expect(stdout.text()).toBe(
      "403 SANDBOX_HOST_NOT_ALLOWED this host and port are not on the list of what the sandbox may reach\n",
    );
  });

  test.skipIf(!available)(`have what they send and get passed on whole, and only that${why}`, async () => {
    const code = [
      "import urllib.request, os, hashlib",
      "data = os.urandom(3_000_000)",
      "request = urllib.request.Request('http://allowed.test:' + os.environ['PORT'] + '/x?y', data=data)",
      "print(urllib.request.urlopen(request).read() == data)",
    ].join("\n");
    const env = { PORT: String(plainPort) };
    const { stdout, stderr } = await sandbox.run({
      interpreter: "/usr/bin/python3",
      code,
      env,
      network: policy(),
    });
    expect(stdout.text() + stderr.text()).toBe("True\n");
    expect(seen[0]).toMatch(new RegExp(`^POST allowed.test:${plainPort} /x\\?y `));
    expect(seen[0]).not.toMatch(/proxy|sandbox:/i);
  });

  test.skipIf(!available)(`find it in each run of a session${why}`, async () => {
    await using session = await SandboxSession.open({
      tier,
      network: policy(),
      env: { PORT: String(plainPort) },
    });
    await session.writeFile(
      "main",
      new TextEncoder().encode(
        "import urllib.request, os\nprint(urllib.request.urlopen('http://allowed.test:' + os.environ['PORT']).status)",
      ),
    );
    for (let round = 0; round < 2; round += 1) {
      const { stdout } = await session.exec(["/usr/bin/python3", "main"]);
      expect(stdout.text()).toBe("200\n");
    }
  });

  test.skipIf(!available)(`leave nothing behind on the host, connections included${why}`, async () => {
    const before = folders();
    const code = [
      "import socket, os, re",
      "s = [socket.create_connection(('127.0.0.1', 3128)) for _ in range(20)]",
      "print('open', flush=True)",
      "import time; time.sleep(60)",
    ].join("\n");
    const stop = new AbortController();
    const result = await sandbox.run({
      interpreter: "/usr/bin/python3",
      code,
      network: policy(),
      signal: stop.signal,
      onOutput: () => stop.abort(),
    });
    expect([result.status, result.survivors]).toEqual(["cancelled", 0]);
    expect(folders()).toEqual(before);
  });
});

function folders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`sandbox-${process.pid}-`));
}

/** What a guest would do, without one: straight to the socket. */
async function withProxy<T>(
  network: NetworkPolicy,
  use: (ask: Ask, way: GuestNetwork) => Promise<T>,
): Promise<T> {
  const way = await GuestNetwork.open(resolveNetwork(network), process.getuid?.() ?? 0);
  const credentials = Buffer.from(/\/\/(.+)@/.exec(way.env["HTTP_PROXY"] as string)?.[1] as string).toString(
    "base64",
  );
  try {
    return await use(async (text) => {
      const socket = connect(`${way.folder}/proxy`);
      let got = "";
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        got += chunk.toString("latin1");
      });
      const request = text.replace("KEY", `Proxy-Authorization: Basic ${credentials}\r\nConnection: close`);
      // A tunnel has nothing to say; a request that is half closed is not wanted any more.
      if (text.startsWith("CONNECT")) socket.end(request);
      else socket.write(request);
      await new Promise((resolve) => {
        socket.once("close", resolve);
      });
      return got;
    }, way);
  } finally {
    await way.close();
  }
}
type Ask = (text: string) => Promise<string>;

const tunnelTo = (host: string): string => `CONNECT ${host} HTTP/1.1\r\nKEY\r\n\r\n`;

describe("the proxy", () => {
  test("asks for addresses once, and connects to those it has checked, whatever a name leads to afterwards", async () => {
    const answers = [[LOOPBACK], ["10.0.0.1"], ["169.254.169.254"]];
    const lookup = vi.fn(async () => answers.shift() ?? []);
    await withProxy(policy({ lookup }), async (ask) => {
      expect(await ask(tunnelTo(`allowed.test:${plainPort}`))).toMatch(/^HTTP\/1.1 200 /);
      expect(lookup).toHaveBeenCalledTimes(1);
      expect(await ask(tunnelTo(`allowed.test:${plainPort}`))).toMatch(/ADDRESS_NOT_PUBLIC/);
    });
  });

  test("does not reach this host by a public address of its own", async () => {
    const real = os.networkInterfaces;
    const entry = {
      address: "8.8.4.4",
      netmask: "",
      family: "IPv4",
      mac: "",
      internal: false,
      cidr: null,
    } as const;
    os.networkInterfaces = () => ({ eth0: [entry] });
    syncBuiltinESMExports();
    try {
      await withProxy(policy({ lookup: async () => ["8.8.4.4"] }), async (ask) => {
        expect(await ask(tunnelTo(`allowed.test:${plainPort}`))).toMatch(/ADDRESS_NOT_PUBLIC/);
      });
    } finally {
      os.networkInterfaces = real;
      syncBuiltinESMExports();
    }
  });

  test("reaches an address only when the address itself is listed", async () => {
    const listed = policy({ allow: [`${LOOPBACK}:${plainPort}`] });
    await withProxy(listed, async (ask) => {
      expect(await ask(tunnelTo(`${LOOPBACK}:${plainPort}`))).toMatch(/^HTTP\/1.1 200 /);
    });
    const notPublic = { allow: [`${LOOPBACK}:${plainPort}`] };
    await withProxy(notPublic, async (ask) => {
      expect(await ask(tunnelTo(`${LOOPBACK}:${plainPort}`))).toMatch(/ADDRESS_NOT_PUBLIC/);
    });
  });

  test("takes nobody's token but its own sandbox's", async () => {
    await withProxy(policy(), async (_, other) => {
      const foreign = /\/\/(.+)@/.exec(other.env["HTTP_PROXY"] as string)?.[1] as string;
      await withProxy(policy(), async (ask) => {
        const basic = `Proxy-Authorization: Basic ${Buffer.from(foreign).toString("base64")}`;
        expect(await ask(`CONNECT allowed.test:${plainPort} HTTP/1.1\r\n${basic}\r\n\r\n`)).toMatch(
          /^HTTP\/1.1 407 [^]*Proxy-Authenticate: Basic[^]*TOKEN_WRONG|^HTTP\/1.1 407 [^]*TOKEN_WRONG[^]*Proxy-Authenticate: Basic/,
        );
      });
    });
  });

  test("does not ask the host's own proxy", async () => {
    let asked = 0;
    const trap = createServer(() => {
      asked += 1;
    });
    const url = `http://${LOOPBACK}:${await portOf(trap)}`;
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"])
      vi.stubEnv(name, url);
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    try {
      await withProxy(policy(), async (ask) => {
        const host = `allowed.test:${plainPort}`;
        expect(await ask(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nKEY\r\n\r\n`)).toMatch(
          /^HTTP\/1.1 200 /,
        );
      });
      expect([asked, seen.length]).toEqual([0, 1]);
    } finally {
      vi.unstubAllEnvs();
      trap.close();
    }
  });

  test("ends who does not come to the point: a request, a first message, a connection that is silent", async () => {
    await withProxy(policy({ idleMs: 200 }), async (ask, way) => {
      const held = (first: string): Promise<void> =>
        new Promise((resolve) => {
          const socket = connect(`${way.folder}/proxy`);
          socket.on("error", () => undefined);
          socket.resume().once("close", () => resolve());
          socket.write(first);
          // A byte now and then does not make a request whole.
          const slowly = setInterval(() => socket.writable && socket.write("x"), 50);
          socket.once("close", () => clearInterval(slowly));
        });
      await held("GET http://allowed.test/ HTTP/1.1\r\nX: ");
      const credentials = /\/\/(.+)@/.exec(way.env["HTTP_PROXY"] as string)?.[1] as string;
      const basic = Buffer.from(credentials).toString("base64");
      await held(
        `CONNECT allowed.test:${securePort} HTTP/1.1\r\nProxy-Authorization: Basic ${basic}\r\n\r\n\u0016\u0003\u0001\u0002\u0000\u0001`,
      );
      expect(await ask(tunnelTo("other.test:1"))).toMatch(/HOST_NOT_ALLOWED/);
    });
  });

  test("refuses what is in the tunnel before the server was named, also when it comes with the request", async () => {
    await withProxy(policy(), async (ask) => {
      const smuggled = `${tunnelTo(`allowed.test:${plainPort}`)}GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n`;
      const answer = await ask(smuggled);
      expect(answer).toMatch(
        /^HTTP\/1.1 200 Connection established\r\n\r\n\u0015\u0003\u0003\0\u0002\u0002p$/,
      );
      expect(seen).toEqual([]);
    });
  });

  test("has no more connections at once than the policy says, however many requests one connection carries", async () => {
    let open = 0;
    let most = 0;
    const slow = createPlain((_request, response) => {
      setTimeout(() => response.end("late"), 20);
    });
    slow.on("connection", (socket: Socket) => {
      most = Math.max(most, (open += 1));
      socket.once("close", () => (open -= 1));
    });
    const port = await portOf(slow);
    const network = policy({ allow: [`allowed.test:${port}`], maxConnections: 3 });
    await withProxy(network, async (_, way) => {
      const basic = Buffer.from(/\/\/(.+)@/.exec(way.env["HTTP_PROXY"] as string)?.[1] as string).toString(
        "base64",
      );
      const one = `GET http://allowed.test:${port}/ HTTP/1.1\r\nHost: allowed.test:${port}\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`;
      const socket = connect(`${way.folder}/proxy`);
      let got = "";
      await new Promise<void>((resolve) => {
        socket.on("data", (chunk) => {
          got += chunk.toString("latin1");
          if (got.split("late").length > 40) resolve();
        });
        socket.write(one.repeat(40));
      });
      socket.destroy();
    });
    expect(most).toBe(3);
    slow.close();
  });

  test("does not answer any more when it may not be asked again", async () => {
    const records: AuditRecord[] = [];
    const audit = { append: async (record: AuditRecord) => ({ sequence: records.push(record) }) };
    await withProxy(policy({ maxRequests: 2, audit }), async (ask) => {
      for (let round = 0; round < 2; round += 1)
        expect(await ask(tunnelTo("a.test:1"))).toMatch(/HOST_NOT_ALLOWED/);
      for (let round = 0; round < 5; round += 1)
        expect(await ask(tunnelTo(`allowed.test:${plainPort}`))).toMatch(/NETWORK_USED_UP/);
    });
    expect(records.map(({ error }) => error?.code)).toEqual([
      "SANDBOX_HOST_NOT_ALLOWED",
      "SANDBOX_HOST_NOT_ALLOWED",
      "SANDBOX_NETWORK_USED_UP",
    ]);
  });

  test("records every decision, without the token", async () => {
    const records: AuditRecord[] = [];
    const audit = { append: async (record: AuditRecord) => ({ sequence: records.push(record) }) };
    const actor = { kind: "agent", id: "a" } as const;
    const token = await withProxy(policy({ audit, actor }), async (ask, way) => {
      await ask(`${tunnelTo(`allowed.test:${plainPort}`)}no TLS`);
      await ask(tunnelTo("other.test:443"));
      await ask("nonsense\r\n\r\n");
      return /:([0-9a-f]{64})@/.exec(way.env["HTTP_PROXY"] as string)?.[1] as string;
    });
    const base = { type: "sandbox.network", actor, action: "network::tunnel" };
    const resource = { kind: "host", id: `allowed.test:${plainPort}` };
    const denied = (code: string): object => ({ outcome: "denied", error: { name: "SandboxError", code } });
    expect(records).toEqual([
      { ...base, outcome: "success", resource, data: { dangerouslyAllowed: true } },
      { ...base, ...denied("SANDBOX_TUNNEL_NOT_TLS"), resource },
      { ...base, ...denied("SANDBOX_HOST_NOT_ALLOWED"), resource: { kind: "host", id: "other.test:443" } },
    ]);
    expect(JSON.stringify(records)).not.toContain(token);
  });

  test("allows nothing that cannot be recorded, and connects to nobody then", async () => {
    let connected = 0;
    const server = createServer(() => {
      connected += 1;
    });
    const port = await portOf(server);
    const audit = { append: async () => Promise.reject(new Error("full")) };
    await withProxy(policy({ audit, allow: [`allowed.test:${port}`] }), async (ask) => {
      expect(await ask(tunnelTo(`allowed.test:${port}`))).toMatch(/^HTTP\/1.1 503 [^]*AUDIT_FAILED/);
      expect(await ask(tunnelTo("other.test:443"))).toMatch(/HOST_NOT_ALLOWED/);
    });
    server.close();
    expect(connected).toBe(0);
  });

  test("says so when a listed host does not answer, or breaks off", async () => {
    const server = createServer((socket) => socket.on("data", () => socket.destroy()));
    const port = await portOf(server);
    const closed = await portOf(createServer().on("connection", (socket) => socket.destroy()));
    await withProxy(policy({ allow: [`allowed.test:${port}`, "allowed.test:1"] }), async (ask) => {
      const host = `allowed.test:${port}`;
      expect(await ask(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nKEY\r\n\r\n`)).toMatch(
        /HOST_UNREACHABLE/,
      );
      expect(await ask(tunnelTo("allowed.test:1"))).toMatch(/^HTTP\/1.1 502 [^]*HOST_UNREACHABLE/);
    });
    expect(closed).toBeGreaterThan(0);
    server.close();
  });
});

describe("a policy", () => {
  test("is refused where nobody can enforce it", async () => {
    const native = nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: ["/bin/sh"] });
    const refused = expect.objectContaining({ code: "SANDBOX_UNSUPPORTED_POLICY" }) as Error;
    const others = [
      gvisorTier({ image: "some" }),
      // Without /run, there is no place for the way to the proxy.
      gvisorTier({ rootfs: "/nonexistent" }),
    ];
    for (const one of [native, ...others])
      expect(() => new Sandbox({ tier: one, network: policy() }), one.name).toThrow(refused);
    await expect(new Sandbox({ tier: native }).exec(["/bin/sh"], { network: policy() })).rejects.toThrow(
      refused,
    );
    await expect(SandboxSession.open({ tier: native, network: policy() })).rejects.toThrow(refused);
  });

  test("that makes no sense is refused, by the name of what is wrong", () => {
    const wrong: readonly unknown[] = [
      { allow: "allowed.test" },
      { allow: [1] },
      { allow: ["*"] },
      { allow: ["*.com:443"] },
      { allow: ["*.10.0.0.1:443"] },
      { allow: ["https://allowed.test"] },
      { allow: ["allowed.test:0"] },
      { allow: ["allowed.test:99999"] },
      { allow: ["allowed.test/path"] },
      { allow: ["a b.test"] },
      { allow: ["user@allowed.test:443"] },
      { allow: [""] },
      { allow: Array<string>(257).fill("a.test") },
      { allow: [], dangerouslyAllow: ["everything"] },
      { allow: [], maxConnections: 65 },
      { allow: [], maxBytes: 0.5 },
      { allow: [], idleMs: 1 },
      { allow: [], deny: [] },
      { allow: [], lookup: "dns" },
      { allow: [], audit: {} },
    ];
    for (const network of wrong) {
      const make = (): unknown => new Sandbox({ tier, network: network as NetworkPolicy });
      expect(make, JSON.stringify(network)).toThrow(
        expect.objectContaining({ code: "SANDBOX_INVALID_ARGUMENT" }),
      );
    }
  });

  test("cannot be widened once it was given", async () => {
    const allow = ["allowed.test:443"];
    const resolved = resolveNetwork({ allow });
    allow.push("evil.test:443");
    expect(resolved.hosts.holds({ host: "evil.test", port: 443 })).toBe(false);
    expect(Object.isFrozen(resolved)).toBe(true);
  });

  test("lists both ports of the web where none is named", () => {
    const { hosts } = resolveNetwork({ allow: ["a.test", "*.b.test", "[2001:DB8::1]", "Bücher.test:8443"] });
    for (const port of [443, 80]) {
      expect(hosts.holds({ host: "a.test", port })).toBe(true);
      expect(hosts.holds({ host: "x.b.test", port })).toBe(true);
      expect(hosts.holds({ host: "2001:db8::1", port })).toBe(true);
    }
    expect(hosts.holds({ host: "xn--bcher-kva.test", port: 8443 })).toBe(true);
    expect(hosts.holds({ host: "b.test", port: 443 })).toBe(false);
    expect(hosts.holds({ host: "a.test", port: 8080 })).toBe(false);
  });
});

test("an unencrypted request is only one for a host, never one for this proxy", async () => {
  await withProxy(policy(), async (_, way) => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      plainRequest({ socketPath: `${way.folder}/proxy`, path: "/", agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(407);
  });
});
