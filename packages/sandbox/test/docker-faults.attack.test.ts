import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerTier, Sandbox } from "@symbiont/sandbox";
import { afterEach, describe, expect, test } from "vitest";

const ID = "a".repeat(64);
const folders: string[] = [];
const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const refusal = (code: string, retryable: boolean): object => ({ name: "SandboxError", code, retryable });

/** What an engine answers to a call, by a part of it; undefined for never. */
type Answers = Readonly<Record<string, ((response: ServerResponse, asked: string) => void) | undefined>>;

function json(status: number, body: unknown): (response: ServerResponse) => void {
  return (response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const WELL: Answers = {
  "GET /version": json(200, { ApiVersion: "1.41", MinAPIVersion: "1.12" }),
  "/images/": json(200, { Id: `sha256:${ID}` }),
  "/containers/json": json(200, []),
  "HEAD ": json(200, undefined),
  "DELETE ": (response) => void response.writeHead(204).end(),
  "/create": json(201, { Id: ID, Warnings: [] }),
  "/start": (response) => void response.writeHead(204).end(),
  "/events": (response) => void response.writeHead(200).write("\n"),
  "/kill": (response) => void response.writeHead(204).end(),
};

/** An engine that holds to nothing but these answers. */
async function engine(answers: Answers): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), "fake-engine-"));
  folders.push(folder);
  const socketPath = join(folder, "s");
  const sockets = new Set<Socket>();
  let created: { HostConfig?: unknown } = {};
  const server = createServer((asked, response) => {
    const call = `${asked.method} ${asked.url}`;
    const name = Object.keys(answers).find((part) => call.includes(part));
    const chunks: Uint8Array[] = [];
    asked.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    asked.on("end", () => {
      if (call.includes("/create")) created = JSON.parse(Buffer.concat(chunks).toString()) as typeof created;
      if (name !== undefined) answers[name]?.(response, call);
      else if (call.includes("/json"))
        json(200, { HostConfig: created.HostConfig, State: { Status: "exited" } })(response);
      else if (call.includes("/wait")) response.writeHead(200).flushHeaders();
      else json(500, { message: `unexpected ${call}` })(response);
    });
  });
  server.on("upgrade", (_asked, socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    if ("attach" in answers) answers["attach"]?.(socket as unknown as ServerResponse, "attach");
    else socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  });
  server.on("connection", (socket) => sockets.add(socket));
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => void server.listen(socketPath, resolve));
  return new Sandbox({ tier: dockerTier({ image: "some", socketPath, engineTimeoutMs: 300 }) });
}

describe("an engine that", () => {
  test("is not there is unavailable, for now", async () => {
    const sandbox = new Sandbox({
      tier: dockerTier({ image: "some", socketPath: "/nonexistent/engine.sock" }),
    });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_TIER_UNAVAILABLE", true));
  });

  test.each(["GET /version", "/images/", "/create", "/start", "HEAD "])(
    "hangs at %s runs out of time",
    async (at) => {
      const sandbox = await engine({ [at]: undefined, ...without(at) });
      await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_ENGINE_TIMED_OUT", true));
    },
  );

  test("does not have the image says so, and is not asked to fetch it", async () => {
    const sandbox = await engine({ ...WELL, "/images/": json(404, { message: "No such image: some" }) });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_IMAGE_MISSING", false));
  });

  test("speaks no version that is known is unavailable", async () => {
    const sandbox = await engine({ ...WELL, "GET /version": json(200, { ApiVersion: "1.12" }) });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_TIER_UNAVAILABLE", false));
  });

  test("warns that it drops a limit is not believed", async () => {
    const sandbox = await engine({ ...WELL, "/create": json(201, { Id: ID, Warnings: ["no swap limit"] }) });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_UNSUPPORTED_POLICY", false));
  });

  test("drops a limit without a word is not believed either", async () => {
    const weaker = json(200, { HostConfig: { NetworkMode: "bridge" } });
    const sandbox = await engine({ [`${ID}/json`]: weaker, ...WELL });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_UNSUPPORTED_POLICY", false));
  });

  test("gives something that is no container's id is not followed", async () => {
    const sandbox = await engine({ ...WELL, "/create": json(201, { Id: "../x", Warnings: [] }) });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_ENGINE_FAILED", false));
  });

  test("answers without end is not read to the end", async () => {
    const flood = (response: ServerResponse): void => {
      const more = (): void =>
        void response.write("x".repeat(65_536), (error) => (error ? undefined : more()));
      response.writeHead(200);
      more();
    };
    const sandbox = await engine({ ...WELL, "/images/": flood });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_ENGINE_FAILED", false));
  });

  test("fails inside may be asked again", async () => {
    const sandbox = await engine({ ...WELL, "/start": json(500, { message: "broken" }) });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_ENGINE_FAILED", true));
  });

  test("goes away in the middle of a run is an error, not an outcome", async () => {
    const sandbox = await engine({
      ...WELL,
      "/wait": (response) => {
        response.writeHead(200).flushHeaders();
        setTimeout(() => response.destroy(), 100);
      },
    });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject(refusal("SANDBOX_ENGINE_FAILED", true));
  });

  test("sends what is no output is an error, not output", async () => {
    const sandbox = await engine({
      ...WELL,
      "/wait": (response) => {
        response.writeHead(200).flushHeaders();
        setTimeout(() => response.end('{"StatusCode":0}'), 100);
      },
      attach: (socket) => {
        (socket as unknown as Socket).write(
          "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nthis is not a frame",
        );
      },
    });
    await expect(sandbox.exec(["true"])).rejects.toMatchObject({ code: "SANDBOX_ENGINE_FAILED" });
  });

  test("cannot remove a container leaves a failed sandbox, never an outcome", async () => {
    const sandbox = await engine({
      ...WELL,
      "DELETE ": undefined,
      "/wait": (response) => {
        response.writeHead(200).flushHeaders();
        setTimeout(() => response.end('{"StatusCode":0}'), 50);
      },
    });
    expect(await sandbox.exec(["true"])).toMatchObject({ status: "sandbox-failure", survivors: 1 });
  });

  test("could not remove a container is asked again before the next run", async () => {
    const removals: string[] = [];
    const sandbox = await engine({
      ...WELL,
      "DELETE ": (response, asked) => {
        removals.push(asked);
        if (removals.length > 1) response.writeHead(204).end();
      },
      "/wait": (response) => {
        response.writeHead(200).flushHeaders();
        setTimeout(() => response.end('{"StatusCode":0}'), 50);
      },
    });
    expect((await sandbox.exec(["true"])).status).toBe("sandbox-failure");
    expect((await sandbox.exec(["true"])).status).toBe("exited");
    expect(removals).toHaveLength(3);
  });
});

function without(part: string): Answers {
  return Object.fromEntries(Object.entries(WELL).filter(([name]) => name !== part));
}
