import { describe, expect, test } from "vitest";
import { fetchFor, httpsServer, silentServer, type TestServer } from "./tls-server.ts";

/** Lets the test stop a fetch at a known moment. */
function stopper() {
  const controller = new AbortController();
  const reason = new Error("enough");
  return { signal: controller.signal, reason, stop: () => controller.abort(reason) };
}

const url = (server: { port: number }, path = "/"): string => `https://one.example:${server.port}${path}`;

async function expectAborted(result: Promise<unknown>, reason: unknown, server?: TestServer): Promise<void> {
  await expect(result).rejects.toMatchObject({ code: "NET_ABORTED", retryable: false, cause: reason });
  await server?.drained();
}

describe("a caller's signal ends the fetch", () => {
  test("before it starts, also when the answer is at hand", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(200, { "cache-control": "max-age=60" });
      response.end();
    });
    const fetch = fetchFor(server, { cacheMaxAgeMs: 60_000 });
    await fetch(url(server));
    const { signal, reason, stop } = stopper();
    stop();
    await expectAborted(fetch(url(server), { signal }), reason, server);
  });

  test("while the name is looked up, and tells the resolver", async () => {
    const { signal, reason, stop } = stopper();
    let told = false;
    const lookup = (_name: string, inner: AbortSignal) =>
      new Promise<string[]>(() => {
        inner.addEventListener("abort", () => (told = true));
        setImmediate(stop);
      });
    await expectAborted(fetchFor({ port: 1 }, { lookup })("https://one.example/", { signal }), reason);
    expect(told).toBe(true);
  });

  test("while it connects", async () => {
    const server = await silentServer();
    const { signal, reason, stop } = stopper();
    const lookup = async () => {
      setImmediate(stop);
      return ["127.0.0.1"];
    };
    await expectAborted(fetchFor(server, { lookup })(url(server), { signal }), reason, server);
  });

  test("in the handshake", async () => {
    const server = await silentServer();
    const { signal, reason, stop } = stopper();
    const result = fetchFor(server)(url(server), { signal });
    while (server.connections.length === 0) await new Promise(setImmediate);
    setTimeout(stop, 20);
    await expectAborted(result, reason, server);
  });

  test("while it waits for the answer", async () => {
    const { signal, reason, stop } = stopper();
    const server = await httpsServer(stop);
    await expectAborted(fetchFor(server)(url(server), { signal }), reason, server);
  });

  test("while it sends a body", async () => {
    const { signal, reason, stop } = stopper();
    const server = await httpsServer((request) => {
      request.once("data", () => {
        request.pause();
        stop();
        // Reading on is what lets the server notice that the other side has gone.
        setTimeout(() => request.resume(), 20);
      });
    });
    const body = new Uint8Array(8_000_000);
    await expectAborted(fetchFor(server)(url(server), { signal, method: "POST", body }), reason, server);
  });

  test("while it reads the body", async () => {
    const { signal, reason, stop } = stopper();
    const server = await httpsServer((_request, response) => {
      response.write("half", () => setTimeout(stop, 20));
    });
    await expectAborted(fetchFor(server)(url(server), { signal }), reason, server);
  });

  test("after a redirect", async () => {
    const { signal, reason, stop } = stopper();
    const server = await httpsServer((request, response) => {
      if (request.url === "/b") return stop();
      response.writeHead(302, { location: "/b" });
      response.end();
    });
    await expectAborted(fetchFor(server, { maxRedirects: 1 })(url(server), { signal }), reason, server);
  });

  test("and says nothing about the host", async () => {
    const { signal, reason, stop } = stopper();
    let silent = true;
    const server = await httpsServer((_request, response) => {
      if (silent) return stop();
      response.end("now");
    });
    const fetch = fetchFor(server);
    await expectAborted(fetch(url(server), { signal }), reason);
    silent = false;
    expect((await fetch(url(server))).status).toBe(200);
  });
});

test("no listener stays on a signal that outlives its fetches", async () => {
  const server = await httpsServer((_request, response) => response.end());
  const fetch = fetchFor(server);
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener: (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    },
    removeEventListener: (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    },
  });
  await fetch(url(server), { signal });
  await fetch(url(server), { signal, method: "POST" });
  await new Promise(setImmediate);
  expect(listeners).toBe(0);
});
