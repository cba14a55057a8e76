import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { AuditError, type JournalRecord, type RecordSink, type SinkFetch } from "@symbiont/audit";
import { fileSink } from "@symbiont/audit/sinks/file";
import { otlpSink } from "@symbiont/audit/sinks/otlp";
import { s3Sink } from "@symbiont/audit/sinks/s3";
import { streamSink } from "@symbiont/audit/sinks/stream";
import { webhookSink } from "@symbiont/audit/sinks/webhook";
import { hmacSha256, sha256Hex } from "@symbiont/keys";
import { encodeHex, encodeUtf8 } from "@symbiont/kit";
import { AwsClient } from "aws4fetch";
import { describe, expect, test } from "vitest";
import { refusal } from "./journal-fixtures.ts";
import { type Request, shipper, startServer, withJournal } from "./sink-fixtures.ts";

function collecting(name = "memory"): { sink: RecordSink; sequences: number[]; state: { failures: number } } {
  const sequences: number[] = [];
  const state = { failures: 0 };
  const send = async (records: readonly JournalRecord[]): Promise<void> => {
    if (state.failures-- > 0) throw new Error("down");
    sequences.push(...records.map(({ sequence }) => sequence));
  };
  return { sink: { name, send }, sequences, state };
}

describe("shipping", () => {
  test("sends everything once, in order and in batches, and goes on there after a restart", async () => {
    await withJournal(async ({ directory, trusted, records, more }) => {
      const { sink, sequences } = collecting();
      expect(await shipper({ directory, trusted, sink, batchRecords: 2 }).shipOnce()).toBe(records.length);
      expect(await shipper({ directory, trusted, sink }).shipOnce()).toBe(0);
      await more();
      await shipper({ directory, trusted, sink }).shipOnce();
      expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, index) => index));
      expect(sequences.length).toBeGreaterThan(records.length);
    });
  });

  test("waits with its cursor while the sink is down, tells, and tries again", async () => {
    await withJournal(async ({ directory, trusted, records }) => {
      const { sink, sequences, state } = collecting();
      state.failures = 3;
      const errors: AuditError[] = [];
      const shipping = shipper({ directory, trusted, sink, onError: (error) => void errors.push(error) });
      shipping.start();
      await expect.poll(() => sequences.length).toBe(records.length);
      await shipping.stop();
      expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => "AUDIT_UNAVAILABLE"));
    });
  });

  test("does not wait for a sink that hangs", async () => {
    await withJournal(async ({ directory, trusted }) => {
      const sink = { name: "hangs", send: async () => new Promise<void>(() => undefined) };
      const shipping = shipper({ directory, trusted, sink, timeoutMs: 20 });
      await expect(shipping.shipOnce()).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      shipping.start();
      await shipping.stop();
    });
  });

  test("refuses a cursor that somebody broke, a journal that was put back behind it, and a bad name", async () => {
    await withJournal(async ({ directory, trusted }) => {
      const { sink } = collecting();
      await shipper({ directory, trusted, sink }).shipOnce();
      writeFileSync(join(directory, "cursors", "memory"), '{"next":-1}');
      await expect(shipper({ directory, trusted, sink }).shipOnce()).rejects.toThrow(
        refusal("AUDIT_CORRUPT"),
      );
      writeFileSync(join(directory, "cursors", "memory"), '{"next":1000}');
      await expect(shipper({ directory, trusted, sink }).shipOnce()).rejects.toThrow(
        refusal("AUDIT_ROLLBACK"),
      );
      for (const name of ["", "../x", "A"])
        expect(() => shipper({ directory, trusted, sink: { ...sink, name } })).toThrow(RangeError);
      expect(() => shipper({ directory, trusted, sink, batchRecords: 0 })).toThrow(/batchRecords/);
    });
  });
});

describe("sinks", () => {
  test("a file gets the lines, durably, and what a crash tore off is moved beside it", async () => {
    await withJournal(async ({ directory, trusted, records, more }) => {
      const path = join(directory, "copy.jsonl");
      await shipper({ directory, trusted, sink: fileSink(path) }).shipOnce();
      const lines = records.map(({ line }) => `${line}\n`).join("");
      expect(readFileSync(path, "utf8")).toBe(lines);
      appendFileSync(path, '{"torn');
      await more();
      await shipper({ directory, trusted, sink: fileSink(path) }).shipOnce();
      const copied = readFileSync(path, "utf8");
      expect(copied.startsWith(lines)).toBe(true);
      expect(copied).not.toContain('{"torn');
    });
  });

  test("a stream gets the lines", async () => {
    await withJournal(async ({ directory, trusted, records }) => {
      const stream = new PassThrough();
      await shipper({ directory, trusted, sink: streamSink(stream) }).shipOnce();
      expect(String(stream.read())).toBe(records.map(({ line }) => `${line}\n`).join(""));
      stream.destroy();
      await expect(streamSink(stream).send(records, new AbortController().signal)).rejects.toThrow();
    });
  });

  test("a webhook gets each record with its origin and leaf", async () => {
    const { url, requests, server } = await startServer(() => 202);
    await withJournal(async ({ directory, trusted, records }) => {
      const sink = webhookSink({ url, fetch, headers: { authorization: "Bearer t" } });
      await shipper({ directory, trusted, sink }).shipOnce();
      expect(requests[0]?.headers).toMatchObject({
        authorization: "Bearer t",
        "content-type": "application/x-ndjson",
      });
      const got = requests[0]?.body
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
      expect(got).toEqual(records.map(({ origin, leaf, record }) => ({ origin, leaf, record })));
    });
    server.close();
  });

  test("an OTLP collector gets log records in the protocol's JSON", async () => {
    const { url, requests, server } = await startServer(({ url: path, body }) =>
      path === "/v1/logs" ? checkOtlp(body) : 404,
    );
    await withJournal(async ({ directory, trusted, records }) => {
      const sink = otlpSink({ url: `${url}/v1/logs`, fetch, serviceName: "agents" });
      await shipper({ directory, trusted, sink }).shipOnce();
      const [{ resource, scopeLogs }] = JSON.parse(requests[0]?.body ?? "").resourceLogs;
      expect(resource.attributes).toEqual([{ key: "service.name", value: { stringValue: "agents" } }]);
      const logs = scopeLogs[0].logRecords;
      expect(logs.map(({ body }: any) => body.stringValue)).toEqual(records.map(({ line }) => line));
      expect(logs.map(({ severityNumber }: any) => severityNumber)).toEqual([9, 9, 9, 13, 17, 9]);
      expect(logs[4]).toMatchObject({
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: "b7ad6b7169203331",
      });
    });
    server.close();
  });

  test.each([200, 412])(
    "an S3 server that checks signatures answers %i: the object is there",
    async (status) => {
      const secretAccessKey = "secret-for-tests";
      const { url, requests, server } = await startServer((request) =>
        isSigned(request, secretAccessKey) ? status : 403,
      );
      await withJournal(async ({ directory, trusted, records }) => {
        const client = new AwsClient({
          accessKeyId: "AK",
          secretAccessKey,
          region: "r-1",
          service: "s3",
          retries: 0,
        });
        const sink = s3Sink({ url: `${url}/bucket/audit`, fetch: async (...args) => client.fetch(...args) });
        await shipper({ directory, trusted, sink }).shipOnce();
        const [{ method, url: path, headers, body }] = requests as [Request];
        expect([method, headers["if-none-match"]]).toEqual(["PUT", "*"]);
        expect(body).toBe(records.map(({ line }) => `${line}\n`).join(""));
        const last = String(records.length - 1).padStart(16, "0");
        expect(path).toBe(`/bucket/audit/0000000000000000-${last}-${sha256Hex(body).slice(0, 16)}.jsonl`);
        const wrong = new AwsClient({
          accessKeyId: "AK",
          secretAccessKey: "x",
          region: "r-1",
          service: "s3",
          retries: 0,
        });
        const refused = s3Sink({ url, fetch: async (...args) => wrong.fetch(...args), name: "refused" });
        await expect(shipper({ directory, trusted, sink: refused }).shipOnce()).rejects.toThrow(
          refusal("AUDIT_UNAVAILABLE"),
        );
      });
      server.close();
    },
  );
});

/** What a collector refuses: a status of 400 as the protocol has it. */
function checkOtlp(body: string): number {
  const { resourceLogs } = JSON.parse(body) as { resourceLogs: any[] };
  for (const log of resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs)
    .flatMap(({ logRecords }) => logRecords)) {
    const times = /^\d{19}$/.test(log.timeUnixNano) && /^\d{19}$/.test(log.observedTimeUnixNano);
    const ids = [log.traceId ?? "0".repeat(32), log.spanId ?? "0".repeat(16)]
      .map((id: string) => id.length)
      .join();
    const values = log.attributes.every(
      ({ key, value }: any) => typeof key === "string" && Object.keys(value).length === 1,
    );
    if (!times || ids !== "32,16" || !values || !Number.isInteger(log.severityNumber)) return 400;
  }
  return 200;
}

/** AWS Signature Version 4 from the server's side, over the headers that the request says are signed. */
function isSigned({ method, url, headers, body }: Request, secret: string): boolean {
  const match =
    /Credential=AK\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)/.exec(
      String(headers["authorization"]),
    );
  if (match === null) return false;
  const [, day = "", region = "", names = "", signature] = match;
  const payload = String(headers["x-amz-content-sha256"]);
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== sha256Hex(body)) return false;
  const canonicalHeaders = names.split(";").map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const request = [method, url, "", canonicalHeaders.join(""), names, payload].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256Hex(request)].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<Uint8Array>(hmacSha256, encodeUtf8(`AWS4${secret}`));
  return encodeHex(hmacSha256(key, toSign)) === signature;
}

test("an answer that nobody reads does not keep its connection", async () => {
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    request.resume().on("end", () => response.end("x".repeat(100_000)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await withJournal(async ({ records }) => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      let cancelled = 0;
      const counting = async (...[to, init]: Parameters<SinkFetch>): ReturnType<SinkFetch> => {
        const response = await fetch(to, init);
        const { status, body } = response;
        return { status, body: { cancel: async () => ((cancelled += 1), body?.cancel()) } };
      };
      const sink = webhookSink({ url, fetch: counting });
      for (let count = 0; count < 5; count += 1) await sink.send(records, new AbortController().signal);
      expect(cancelled).toBe(5);
      await expect.poll(() => [...sockets].filter((socket) => !(socket as Socket).destroyed).length).toBe(0);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
