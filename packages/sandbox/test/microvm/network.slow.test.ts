import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AuditRecord } from "@symbiont/kit";
import { type NetworkPolicy, Sandbox, SandboxSession } from "@symbiont/sandbox";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { MACHINES_ONLY, tiers } from "../tiers.ts";

vi.stubEnv(MACHINES_ONLY, "1");
const [machine] = await tiers();
vi.unstubAllEnvs();
const { tier, why } = machine as NonNullable<typeof machine>;
const isHere = why === "";

const server = createServer((request, response) => request.pipe(response));
let port = 0;
let sandbox: Sandbox;
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  ({ port } = server.address() as AddressInfo);
  sandbox = new Sandbox({ tier, limits: { wallMs: 120_000 } });
});
afterAll(async () => {
  await sandbox.close();
  server.close();
});

const policy = (more: Partial<NetworkPolicy> = {}): NetworkPolicy => ({
  allow: [`allowed.test:${port}`],
  dangerouslyAllow: ["127.0.0.1"],
  lookup: async () => ["127.0.0.1"],
  ...more,
});
const python = async (code: string, network?: NetworkPolicy): Promise<string> => {
  const given = { interpreter: "/usr/bin/python3", code, env: { PORT: String(port) } };
  const { stdout, stderr } = await sandbox.run(network === undefined ? given : { ...given, network });
  return stdout.text() + stderr.text();
};
const FETCH = `import urllib.request, os, threading, sys, time
URL = "http://allowed.test:" + os.environ["PORT"] + "/x"
def echo(data):
    return urllib.request.urlopen(urllib.request.Request(URL, data=data)).read() == data
`;

test.skipIf(!isHere)(`what a machine sends and gets comes whole, and is recorded${why}`, async () => {
  const records: AuditRecord[] = [];
  const audit = { append: async (record: AuditRecord) => ({ sequence: records.push(record) }) };
  expect(await python(`${FETCH}print(echo(os.urandom(3_000_000)))`, policy({ audit }))).toBe("True\n");
  const [record] = records;
  expect(records).toHaveLength(1);
  expect(record).toMatchObject({
    type: "sandbox.network",
    action: "network::request",
    outcome: "success",
    resource: { kind: "host", id: `allowed.test:${port}` },
  });
});

test.skipIf(!isHere)(
  `connections beside one another, and a flood of output, hold nobody up${why}`,
  async () => {
    const code = `${FETCH}
done = []
def work(n):
    done.append(echo(bytes([n]) * 200_000))
workers = [threading.Thread(target=work, args=(n,)) for n in range(12)]
for worker in workers: worker.start()
for _ in range(300): sys.stderr.write("x" * 10_000)
for worker in workers: worker.join()
print(done == [True] * 12)`;
    const run = { interpreter: "/usr/bin/python3", code, env: { PORT: String(port) }, network: policy() };
    const { status, stdout, stderr } = await sandbox.run(run);
    expect([status, stdout.text(), stderr.totalBytes]).toEqual(["exited", "True\n", 3_000_000]);
  },
);

test.skipIf(!isHere)(
  `who reads slowly gets all of it, and who never reads holds up only itself${why}`,
  async () => {
    const code = `${FETCH}
import socket
held = socket.create_connection(("127.0.0.1", 3128))
import base64, re
key = base64.b64encode(re.match(r"http://(.*)@", os.environ["HTTP_PROXY"])[1].encode()).decode()
body = b"\\1" * 400_000
head = "POST %s HTTP/1.1\\r\\nProxy-Authorization: Basic %s\\r\\nHost: allowed.test:%s\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n" % (URL, key, os.environ["PORT"], len(body))
def send(): held.sendall(head.encode() + body)
threading.Thread(target=send).start()
time.sleep(0.5)
print(echo(b"z" * 100_000))
whole = b""
while True:
    piece = held.recv(1000)
    if not piece: break
    whole += piece
print(whole.count(b"\\1") == len(body))`;
    expect(await python(code, policy())).toBe("True\nTrue\n");
  },
);

test.skipIf(!isHere)(
  `each run of a session has a way of its own, and one without a network has none${why}`,
  async () => {
    const env = { PORT: String(port) };
    await using session = await SandboxSession.open({ tier, env, network: policy() });
    await session.writeFile(
      "main",
      new TextEncoder().encode(`${FETCH}print(echo(b"a"), os.environ["HTTP_PROXY"])`),
    );
    const said = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { stdout, stderr } = await session.exec(["/usr/bin/python3", "main"]);
      expect(stdout.text() + stderr.text()).toMatch(/^True http:/);
      said.add(stdout.text());
    }
    expect(said.size).toBe(3);

    const without =
      "for d in /run /way; do ls -A $d; done | wc -l; nc -w 1 127.0.0.1 3128 </dev/null && echo open || echo closed";
    const { stdout } = await sandbox.exec(["/bin/sh", "-c", without]);
    expect(stdout.text()).toBe("0\nclosed\n");
  },
);

test.skipIf(!isHere)(`the way is to read only, and there for one process too${why}`, async () => {
  const code =
    "echo x >/run/sandbox/mine; rm -f /run/sandbox/proxy; ls /run/sandbox; nc -w 5 127.0.0.1 3128 </dev/null && echo there";
  const { stdout } = await sandbox.exec(["/bin/sh", "-c", code], { network: policy() });
  expect(stdout.text()).toBe("forward\nproxy\nthere\n");
  const one = await sandbox.run({
    interpreter: "/usr/bin/python3",
    code: `${FETCH}print(echo(b"a"))`,
    env: { PORT: String(port) },
    network: policy(),
    limits: { processes: 1 },
  });
  expect(one.stdout.text() + one.stderr.text()).toBe("True\n");
});

test.skipIf(!isHere)(
  `a program that is not there is no program that fails, with a network as without${why}`,
  async () => {
    for (const program of ["/no/such", "no-such", "/workspace"])
      await expect(sandbox.exec([program], { network: policy() })).rejects.toMatchObject({
        code: "SANDBOX_SPAWN_FAILED",
      });
  },
);
