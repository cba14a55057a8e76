import { gzipSync } from "node:zlib";
import { createGuardedFetch } from "@symbiont/net/guarded-fetch";
import { describe, expect, test } from "vitest";
import { fetchFor, httpsServer, silentServer, tlsServer } from "./tls-server.ts";

const code = (code: string, retryable = false) => ({ code, retryable });

describe("addresses", () => {
  test("answers of which one is inside refuse all, before anything is connected", async () => {
    const server = await httpsServer((_request, response) => response.end());
    for (const inside of ["10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "::ffff:a9fe:a9fe", "0.0.0.0"]) {
      const fetch = fetchFor(server, { lookup: async () => ["127.0.0.1", inside] });
      await expect(fetch(`https://one.example:${server.port}/`)).rejects.toMatchObject(
        code("NET_DNS_NOT_PUBLIC"),
      );
    }
    expect(server.connections).toHaveLength(0);
  });

  test("a name is resolved once for each connection, so a second answer is never dialled unchecked", async () => {
    const server = await httpsServer((_request, response) => response.end());
    const answers = ["127.0.0.1", "10.0.0.1", "10.0.0.1"];
    const asked: string[] = [];
    const lookup = async (name: string) => {
      asked.push(name);
      return [answers[asked.length - 1] ?? ""];
    };
    const fetch = fetchFor(server, { lookup });
    await fetch(`https://one.example:${server.port}/`);
    expect(asked).toEqual(["one.example"]);
    await expect(fetch(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_DNS_NOT_PUBLIC"),
    );
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["https://169.254.169.254/latest/meta-data", "NET_IP_NOT_PUBLIC"],
    ["https://[::ffff:a9fe:a9fe]/", "NET_IP_NOT_PUBLIC"],
    ["//2130706434/", "NET_IP_NOT_PUBLIC"],
    ["https://localhost/", "NET_HOST_NOT_ALLOWED"],
    ["http://one.example/", "NET_SCHEME_NOT_ALLOWED"],
    ["file:///etc/passwd", "NET_SCHEME_NOT_ALLOWED"],
    ["https://one.example:22/", "NET_PORT_NOT_ALLOWED"],
    ["https://me:pw@one.example/", "NET_CREDENTIALS_IN_URL"],
    ["https://[", "NET_INVALID_URL"],
    [`/${"a".repeat(2048)}`, "NET_INVALID_URL"],
  ])("a redirect to %.50s is refused", async (location, expected) => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(301, { location });
      response.end();
    });
    const fetch = fetchFor(server, { maxRedirects: 3 });
    await expect(fetch(`https://one.example:${server.port}/`)).rejects.toMatchObject(code(expected));
  });

  test("a redirect never leaves https, even where http is allowed", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(302, { location: `http://one.example:${server.port}/` });
      response.end();
    });
    const fetch = fetchFor(server, { maxRedirects: 3, allowHttp: true });
    await expect(fetch(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_REDIRECT_REFUSED"),
    );
  });

  test("a redirected POST is refused: its body was meant for one place", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(307, { location: "/b" });
      response.end();
    });
    const fetch = fetchFor(server, { maxRedirects: 3 });
    await expect(
      fetch(`https://one.example:${server.port}/`, { method: "POST", body: "x" }),
    ).rejects.toMatchObject(code("NET_REDIRECT_REFUSED"));
  });

  test.each([[[]], [undefined], ["127.0.0.1"], [[5]], [{ length: 1, 0: "127.0.0.1" }]])(
    "a resolver that answers %j has failed",
    async (answer) => {
      const fetch = fetchFor({ port: 1 }, { lookup: async () => answer as unknown as string[] });
      await expect(fetch("https://one.example/")).rejects.toMatchObject(code("NET_DNS_FAILED", true));
    },
  );

  test("a resolver that throws has failed", async () => {
    const cause = new Error("SERVFAIL");
    const failing = [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ];
    for (const lookup of failing)
      await expect(fetchFor({ port: 1 }, { lookup })("https://one.example/")).rejects.toMatchObject({
        ...code("NET_DNS_FAILED", true),
        cause,
      });
  });
});

describe("tls", () => {
  test.each([
    ["a self-signed certificate", "one.example", "self-signed.pem"],
    ["a certificate for another name", "three.example", "server.pem"],
    ["a certificate for the parent name", "a.one.example", "server.pem"],
  ])("%s is refused before a request is sent", async (_what, host, certificate) => {
    const server = await httpsServer((_request, response) => response.end(), certificate);
    await expect(
      fetchFor(server)(`https://${host}:${server.port}/`, { headers: { authorization: "x" } }),
    ).rejects.toMatchObject(code("NET_TLS_FAILED"));
    expect(server.requests).toHaveLength(0);
    await server.drained();
  });

  test("an authority that was not added is not trusted", async () => {
    const server = await httpsServer((_request, response) => response.end());
    const fetch = createGuardedFetch({
      ports: [server.port],
      dangerouslyAllow: ["127.0.0.1"],
      lookup: async () => ["127.0.0.1"],
    });
    await expect(fetch(`https://one.example:${server.port}/`)).rejects.toMatchObject(code("NET_TLS_FAILED"));
    expect(server.requests).toHaveLength(0);
  });

  test("a server that speaks something else is not waited for", async () => {
    const server = await silentServer();
    const fetch = fetchFor(server, { connectTimeoutMs: 100 });
    const result = fetch(`https://one.example:${server.port}/`);
    await expect(result).rejects.toMatchObject(code("NET_TIMEOUT", true));
    await server.drained();
  });
});

describe("size", () => {
  test("a declared length over the limit is refused unread", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(200, { "content-length": "65537" });
      response.write("x");
    });
    await expect(fetchFor(server)(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_TOO_LARGE"),
    );
    await server.drained();
  });

  test("an endless body is cut off at the limit", async () => {
    const server = await httpsServer((_request, response) => {
      const chunk = Buffer.alloc(16_384);
      const more = (): void => {
        if (!response.destroyed) response.write(chunk, more);
      };
      response.on("error", () => undefined);
      more();
    });
    await expect(fetchFor(server)(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_TOO_LARGE"),
    );
    await server.drained();
  });

  test("the limit itself is allowed", async () => {
    const server = await httpsServer((_request, response) => {
      response.write("x".repeat(10));
      response.end("y".repeat(10));
    });
    const url = `https://one.example:${server.port}/`;
    expect((await fetchFor(server, { maxBytes: 20 })(url)).body).toHaveLength(20);
    await expect(fetchFor(server, { maxBytes: 19 })(url)).rejects.toMatchObject(code("NET_TOO_LARGE"));
  });

  test("a body in pieces of one byte costs no more than its bytes", async () => {
    const size = 200_000;
    const server = await tlsServer((socket) => {
      socket.end(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"1\r\na\r\n".repeat(size)}0\r\n\r\n`,
      );
    });
    const { body } = await fetchFor(server, { maxBytes: size })(`https://one.example:${server.port}/`);
    expect(body).toHaveLength(size);
    expect(body.buffer.byteLength).toBe(size);
  });

  test("headers are all seen, however many are sent", async () => {
    const server = await tlsServer((socket) => {
      socket.end(`HTTP/1.1 200 OK\r\n${"a:\r\n".repeat(3_000)}content-encoding: gzip\r\n\r\n`);
    });
    await expect(fetchFor(server)(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_CONTENT_ENCODING_NOT_ALLOWED"),
    );
  });

  test("a header over 16 KiB is refused", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(200, { "x-large": "a".repeat(20_000) });
      response.end();
    });
    await expect(fetchFor(server)(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_TOO_LARGE"),
    );
  });

  test.each([
    { "content-encoding": "gzip" },
    { "content-encoding": "br" },
    { "content-encoding": "identity, gzip" },
    { "content-encoding": "x-unknown" },
  ])("an encoded body is refused whole, so a bomb stays unopened: %j", async (headers) => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(200, headers);
      response.end(gzipSync(Buffer.alloc(10_000_000)));
    });
    await expect(fetchFor(server)(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_CONTENT_ENCODING_NOT_ALLOWED"),
    );
  });

  test("content-encoding: identity says nothing", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(200, { "content-encoding": "Identity" });
      response.end("x");
    });
    expect((await fetchFor(server)(`https://one.example:${server.port}/`)).body).toHaveLength(1);
  });
});

describe("time", () => {
  test("headers that do not come are not waited for", async () => {
    const server = await httpsServer(() => undefined);
    const result = fetchFor(server, { timeoutMs: 300 })(`https://one.example:${server.port}/`);
    await expect(result).rejects.toMatchObject(code("NET_TIMEOUT", true));
    await server.drained();
  });

  test("a body that drips is cut off by the total time", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    });
    const result = fetchFor(server, { timeoutMs: 300 })(`https://one.example:${server.port}/`);
    await expect(result).rejects.toMatchObject(code("NET_TIMEOUT", true));
    await server.drained();
  });

  test("headers that drip, or endless interim answers, are cut off too", async () => {
    for (const piece of ["HTTP/1.1 100 Continue\r\n\r\n", "x-a: b\r\n"]) {
      const server = await tlsServer((socket) => {
        if (piece.startsWith("x")) socket.write("HTTP/1.1 200 OK\r\n");
        const timer = setInterval(() => socket.write(piece), 10);
        socket.on("close", () => clearInterval(timer));
      });
      const result = fetchFor(server, { timeoutMs: 300 })(`https://one.example:${server.port}/`);
      await expect(result).rejects.toMatchObject(code("NET_TIMEOUT", true));
      await server.drained();
    }
  });

  test("a redirect does not start the clock again", async () => {
    const server = await httpsServer((_request, response) => {
      setTimeout(() => {
        response.writeHead(302, { location: "/" });
        response.end();
      }, 150);
    });
    const result = fetchFor(server, { timeoutMs: 350, maxRedirects: 3 })(
      `https://one.example:${server.port}/`,
    );
    await expect(result).rejects.toMatchObject(code("NET_TIMEOUT", true));
  });

  test("a resolver that never answers is not waited for", async () => {
    const lookup = () => new Promise<string[]>(() => undefined);
    const result = fetchFor({ port: 1 }, { lookup, connectTimeoutMs: 100 })("https://one.example/");
    await expect(result).rejects.toMatchObject(code("NET_TIMEOUT", true));
  });
});

describe("protocol", () => {
  const reply = (bytes: string) => tlsServer((socket) => void socket.end(bytes, "latin1"));

  test.each([
    ["a body shorter than declared", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort"],
    ["a chunk that is cut off", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"],
    ["a body without its last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a bare line feed in a header", "HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n"],
    ["a header without a name", "HTTP/1.1 200 OK\r\n: b\r\n\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["an upgrade nobody asked for", "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"],
    ["nothing", ""],
  ])("%s is refused", async (_what, bytes) => {
    const server = await reply(bytes);
    await expect(fetchFor(server)(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_RESPONSE_INVALID", true),
    );
  });

  test("a transfer encoding other than chunks is refused", async () => {
    const server = await reply("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    await expect(fetchFor(server)(`https://one.example:${server.port}/`)).rejects.toMatchObject(
      code("NET_CONTENT_ENCODING_NOT_ALLOWED"),
    );
  });

  test("a second answer on the connection reaches nobody", async () => {
    const answer = (body: string) =>
      `HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 4\r\n\r\n${body}`;
    let round = 0;
    const server = await tlsServer((socket) => {
      round += 1;
      socket.write(answer(`own${round}`) + answer("evil"));
    });
    const fetch = fetchFor(server);
    for (const expected of ["own1", "own2"]) {
      const { body } = await fetch(`https://one.example:${server.port}/`);
      expect(new TextDecoder().decode(body)).toBe(expected);
    }
    expect(server.connections).toHaveLength(2);
    await server.drained();
  });

  test("http/2 is not offered", async () => {
    const server = await httpsServer((request, response) => {
      response.end(String((request.socket as unknown as { alpnProtocol: unknown }).alpnProtocol));
    });
    const { body } = await fetchFor(server)(`https://one.example:${server.port}/`);
    expect(new TextDecoder().decode(body)).toBe("http/1.1");
  });

  test("header names with a meaning in JavaScript stay plain data", async () => {
    const server = await reply(
      "HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\ncontent-length: 0\r\n\r\n",
    );
    const { headers } = await fetchFor(server)(`https://one.example:${server.port}/`, {
      headers: { ["__proto__"]: "sent" },
    });
    expect(headers.get("__proto__")).toBe("a");
    expect(headers.get("constructor")).toBe("b");
    expect(headers.get("toString")).toBeUndefined();
  });
});
