import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { Sandbox, SandboxSession } from "@symbiont/sandbox";
import { e2bTier } from "@symbiont/sandbox/e2b";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { answer, E2bServer, type Fault } from "./e2b/e2b-server.ts";
import { secretOf } from "./e2b/hosted.ts";

const started = await E2bServer.start();
const why = typeof started === "string" ? ` (skipped: ${started})` : "";
const server = started as E2bServer;
const refusal = (code: string, more = {}): object => ({ name: "SandboxError", code, ...more });
const tierOf = (more = {}) =>
  e2bTier({
    apiKey: secretOf(server.apiKey),
    template: server.template,
    endpoint: server.endpoint,
    requestTimeoutMs: 2_000,
    ...more,
  });
const onPath =
  (path: RegExp, act: (response: ServerResponse, request: IncomingMessage) => void): Fault =>
  (request, response) => {
    if (!path.test(request.url ?? "")) return false;
    act(response, request);
    return true;
  };
const CREATE = /^\/v2\/sandboxes$/;
const START = /Process\/Start$/;

afterAll(async () => {
  if (why === "") await server.close();
});
afterEach(() => {
  if (why !== "") return;
  server.apiFault = undefined;
  server.dataFault = undefined;
  server.envdVersion = "0.6.4";
  expect(server.machines).toEqual([]);
});

test.skipIf(why !== "")(
  `no redirect is followed: neither the key nor a token goes where it leads${why}`,
  async () => {
    let visits = 0;
    const other = createServer((_request, response) => {
      visits += 1;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    const redirect: Fault = (_request, response) => {
      response.writeHead(307, { location }).end();
      return true;
    };
    server.apiFault = redirect;
    await expect(new Sandbox({ tier: tierOf() }).exec(["true"])).rejects.toMatchObject(
      refusal("SANDBOX_ENGINE_FAILED"),
    );
    server.apiFault = undefined;
    server.dataFault = redirect;
    await expect(new Sandbox({ tier: tierOf() }).exec(["true"])).rejects.toMatchObject(
      refusal("SANDBOX_MACHINE_FAILED"),
    );
    expect(visits).toBe(0);
    other.close();
  },
);

describe("a control plane", () => {
  test.skipIf(why !== "").each([
    [401, "SANDBOX_TIER_UNAVAILABLE", false],
    [403, "SANDBOX_TIER_UNAVAILABLE", false],
    [400, "SANDBOX_ENGINE_FAILED", false],
    [404, "SANDBOX_IMAGE_MISSING", false],
    [429, "SANDBOX_CAPACITY", true],
    [500, "SANDBOX_ENGINE_FAILED", true],
    [502, "SANDBOX_ENGINE_FAILED", true],
    [503, "SANDBOX_CAPACITY", true],
    [504, "SANDBOX_ENGINE_FAILED", true],
  ])(
    `that answers %i gives a typed error, without the key that it repeats${why}`,
    async (status, code, retryable) => {
      const message = `no: ${server.apiKey}`;
      server.apiFault = (request, response) => {
        if (request.method !== "POST") return false;
        answer(response, status, { code: status, message });
        return true;
      };
      const tier = tierOf();
      const error: unknown = await new Sandbox({ tier }).exec(["true"]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(refusal(code, { retryable }));
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(server.apiKey);
      await tier.close();
    },
  );

  test.skipIf(why !== "").each([
    ["hangs", (): void => undefined, "SANDBOX_ENGINE_TIMED_OUT"],
    ["breaks off", (response: ServerResponse) => void response.destroy(), "SANDBOX_ENGINE_FAILED"],
    [
      "says what is no JSON",
      (response: ServerResponse) => void response.writeHead(201).end("no"),
      "SANDBOX_ENGINE_FAILED",
    ],
    [
      "names no version",
      (response: ServerResponse) => answer(response, 201, { sandboxID: "a" }),
      "SANDBOX_ENGINE_FAILED",
    ],
    [
      "gives an id that is none",
      (response: ServerResponse) => answer(response, 201, { sandboxID: "a/../b", envdVersion: "0.6.4" }),
      "SANDBOX_ENGINE_FAILED",
    ],
  ])(`that %s gives a typed error${why}`, async (_name, act, code) => {
    server.apiFault = onPath(CREATE, act);
    const tier = tierOf({ requestTimeoutMs: 700 });
    await expect(new Sandbox({ tier }).exec(["true"])).rejects.toMatchObject(refusal(code));
    await tier.close();
  });

  test.skipIf(why !== "")(`whose answer is lost leaves no machine${why}`, async () => {
    const tier = tierOf();
    await new Sandbox({ tier }).exec(["true"]);
    server.apiFault = (request, response, body = "") => {
      if (request.method !== "POST" || !CREATE.test(request.url ?? "")) return false;
      void server.place(JSON.parse(body) as Record<string, unknown>).finally(() => response.destroy());
      return true;
    };
    await expect(new Sandbox({ tier }).exec(["true"])).rejects.toMatchObject(
      refusal("SANDBOX_ENGINE_FAILED"),
    );
    await tier.close();
    expect(server.machines).toEqual([]);
  });

  test.skipIf(why !== "")(`that cannot end a machine is asked again, and the run says so${why}`, async () => {
    server.apiFault = (request, response) => {
      if (request.method !== "DELETE") return false;
      answer(response, 500, { code: 500, message: "later" });
      return true;
    };
    const tier = tierOf();
    const result = await new Sandbox({ tier }).exec(["echo", "done"]);
    expect(result).toMatchObject({ status: "sandbox-failure", survivors: 1 });
    expect(result.stdout.text()).toBe("done\n");
    server.apiFault = undefined;
    await tier.close();
    expect(server.machines).toEqual([]);
  });

  test.skipIf(why !== "")(`with daemons that cannot end a guest's input is refused${why}`, async () => {
    server.envdVersion = "0.5.1";
    await expect(new Sandbox({ tier: tierOf() }).exec(["true"])).rejects.toMatchObject(
      refusal("SANDBOX_TIER_UNAVAILABLE"),
    );
  });

  test.skipIf(why !== "")(`that is not there gives a typed error${why}`, async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const nowhere = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((resolve) => closed.close(resolve));
    const tier = tierOf({ endpoint: { apiUrl: nowhere, sandboxUrl: nowhere } });
    await expect(new Sandbox({ tier }).exec(["true"])).rejects.toMatchObject(
      refusal("SANDBOX_ENGINE_FAILED", { retryable: true }),
    );
    expect(await tier.probe()).toMatchObject({
      available: false,
      problems: [expect.stringContaining("ECONNREFUSED")],
    });
  });

  test.each(["", "two words", "line\nbreak", "x".repeat(600), "é"])(
    "is never asked with a key that is none, and the key is not shown: %#",
    async (key) => {
      const tier = e2bTier({
        apiKey: secretOf(key),
        template: "base",
        endpoint: { apiUrl: "http://127.0.0.1:9", sandboxUrl: "http://127.0.0.1:9" },
      });
      const error: unknown = await new Sandbox({ tier }).exec(["true"]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(refusal("SANDBOX_INVALID_ARGUMENT"));
      if (key !== "") expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(key);
    },
  );
});

describe("a machine's daemon, which the guest may have replaced,", () => {
  const message = (text: string, flags = 0): Buffer => {
    const frame = Buffer.alloc(5 + text.length);
    frame[0] = flags;
    frame.writeUInt32BE(text.length, 1);
    frame.write(text, 5);
    return frame;
  };
  const event = (value: object): Buffer => message(JSON.stringify({ event: value }));
  const begin = event({ start: { pid: 7 } });
  const stream =
    (...pieces: readonly Uint8Array[]) =>
    (response: ServerResponse): void => {
      response.writeHead(200, { "content-type": "application/connect+json" });
      for (const piece of pieces) response.write(piece);
    };
  const header = (length: number, flags = 0): Buffer => {
    const bytes = Buffer.alloc(5);
    bytes[0] = flags;
    bytes.writeUInt32BE(length, 1);
    return bytes;
  };

  test.skipIf(why !== "").each([
    ["claims a length of 4 GiB", stream(begin, header(0xffff_ffff))],
    ["sends what is compressed", stream(begin, header(2, 1), Buffer.from("{}"))],
    ["sends what is no JSON", stream(begin, message("no"))],
    ["sends a list for an object", stream(begin, message("[]"))],
    ["sends names that no object may have", stream(begin, message('{"event":{"__proto__":{}}}'))],
    ["sends what is no base64", stream(begin, event({ data: { stdout: "!!" } }))],
    ["says nothing that it was told to say", stream(begin, event({ data: { stdout: "AAAA" } }))],
    ["gives a process id that is none", stream(event({ start: { pid: -1 } }))],
    ["ends with an error", stream(begin, message('{"error":{"code":"internal"}}', 2))],
    ["ends without an end", (response: ServerResponse) => void response.writeHead(200).end(begin)],
    ["ends before the command has begun", stream(begin, event({ end: { exited: true, exitCode: 4 } }))],
    ["invents a signal", stream(begin, event({ end: { exitCode: -1, status: "signal: nonsense" } }))],
    ["refuses", (response: ServerResponse) => answer(response, 401, { code: "unauthenticated" })],
    ["redirects", (response: ServerResponse) => void response.writeHead(307, { location: "/other" }).end()],
    ["breaks off", (response: ServerResponse) => void response.destroy()],
  ])(`and %s, gives a typed error${why}`, async (_name, act) => {
    server.dataFault = onPath(START, act);
    await expect(new Sandbox({ tier: tierOf() }).exec(["true"])).rejects.toMatchObject(
      refusal("SANDBOX_MACHINE_FAILED", { retryable: true }),
    );
  });

  test.skipIf(why !== "")(`and hangs, is not waited for longer than was said${why}`, async () => {
    server.dataFault = onPath(START, () => undefined);
    await expect(
      new Sandbox({ tier: tierOf({ requestTimeoutMs: 500 }) }).exec(["true"]),
    ).rejects.toMatchObject(refusal("SANDBOX_ENGINE_TIMED_OUT", { retryable: true }));
    server.dataFault = onPath(START, stream(begin));
    await expect(
      new Sandbox({ tier: tierOf({ requestTimeoutMs: 500 }) }).exec(["true"]),
    ).rejects.toMatchObject(refusal("SANDBOX_ENGINE_TIMED_OUT", { retryable: true }));
  });

  test.skipIf(why !== "")(`and breaks off in the middle of a run, gives a typed error${why}`, async () => {
    let starts = 0;
    const proxied: ServerResponse[] = [];
    server.dataFault = (request, response) => {
      if (START.test(request.url ?? "") && (starts += 1) === 2) proxied.push(response);
      return false;
    };
    const running = new Sandbox({ tier: tierOf() }).exec(["sh", "-c", "echo begun; sleep 20"], {
      onOutput: () => proxied[0]?.destroy(),
    });
    await expect(running).rejects.toMatchObject(refusal("SANDBOX_MACHINE_FAILED", { retryable: true }));
  });

  test.skipIf(why !== "")(`and lies about the length of a file, gives a typed error${why}`, async () => {
    await using session = await SandboxSession.open({ tier: tierOf(), limits: { fileBytes: 1_000 } });
    await session.writeFile("f", new Uint8Array(3));
    for (const [act, code] of [
      [(response: ServerResponse) => cutShort(response), "MACHINE_FAILED"],
      [
        (response: ServerResponse) => response.writeHead(200, { "content-length": "4000000000" }).write("1"),
        "ENGINE_TIMED_OUT",
      ],
      [(response: ServerResponse) => endless(response), "FILE_REFUSED"],
    ] as const) {
      server.dataFault = onPath(/^\/files\?/, act);
      await expect(session.readFile("f"), code).rejects.toMatchObject(refusal(`SANDBOX_${code}`));
    }
    server.dataFault = onPath(/Stat$/, (response) => endless(response));
    await expect(session.readFile("f")).rejects.toMatchObject(refusal("SANDBOX_MACHINE_FAILED"));
    server.dataFault = onPath(/^\/files\?/, (response) => answer(response, 507, { message: "full" }));
    await expect(session.writeFile("g", new Uint8Array(3))).rejects.toMatchObject(
      refusal("SANDBOX_FILE_REFUSED"),
    );
  });

  test.skipIf(why !== "")(`gets its own token, and never the key${why}`, async () => {
    const seen: string[] = [];
    server.dataFault = ({ rawHeaders }) => {
      seen.push(rawHeaders.join("\n"));
      return false;
    };
    await new Sandbox({ tier: tierOf() }).exec(["true"], { files: { a: "x" } });
    expect(seen.length).toBeGreaterThan(2);
    for (const headers of seen) {
      expect(headers).not.toContain(server.apiKey);
      expect(headers.toLowerCase()).toContain("x-access-token");
    }
  });
});

function cutShort(response: ServerResponse): void {
  response.writeHead(200, { "content-length": "9" });
  response.write("1", () => response.destroy());
}

/** Writes until nobody reads any more. */
function endless(response: ServerResponse): void {
  response.writeHead(200);
  const piece = Buffer.alloc(65_536, 32);
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", more);
  more();
}
