import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import root from "@opentelemetry/otlp-transformer/build/src/generated/root.js";
import { otlpSink } from "@symbiont/audit/sinks/otlp";
import { expect, test } from "vitest";
import { refusal } from "./journal-fixtures.ts";
import { shipper, withJournal } from "./sink-fixtures.ts";

// The message types that the official JavaScript SDK encodes with, generated from the protocol's own definition.
const { ExportLogsServiceRequest } = (root as unknown as Root).opentelemetry.proto.collector.logs.v1;

interface Root {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: { readonly logs: { readonly v1: { readonly ExportLogsServiceRequest: Type } } };
    };
  };
}

interface Type {
  fromObject(value: object): object;
  verify(message: object): string | null;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}

interface Decoded {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly unknown[] };
    readonly scopeLogs: readonly { readonly logRecords: readonly Record<string, unknown>[] }[];
  }[];
}

/** What a collector makes of a JSON request: ids are hexadecimal there, everything else as protobuf maps it. */
function decode(body: string): Decoded {
  const names = new Set<string>();
  const request = JSON.parse(body, (name, value: unknown) => {
    names.add(name);
    return name === "traceId" || name === "spanId"
      ? Buffer.from(value as string, "hex").toString("base64")
      : value;
  }) as object;
  const message = ExportLogsServiceRequest.fromObject(request);
  expect(ExportLogsServiceRequest.verify(message)).toBeNull();
  const bytes = ExportLogsServiceRequest.encode(message).finish();
  const decoded = ExportLogsServiceRequest.toObject(ExportLogsServiceRequest.decode(bytes), {
    longs: String,
    bytes: String,
  }) as unknown as Decoded;
  // A member that the protocol does not know would be gone by now.
  const kept = new Set<string>();
  JSON.stringify(decoded, (name, value: unknown) => {
    kept.add(name);
    return value;
  });
  expect([...names].filter((name) => !kept.has(name))).toEqual([]);
  return decoded;
}

test("a collector that decodes with the official message types gets every record", async () => {
  const decoded: Decoded[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      try {
        decoded.push(decode(body));
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      } catch (error) {
        response.writeHead(400).end(String(error));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await withJournal(async ({ directory, trusted, records }) => {
      const { port } = server.address() as AddressInfo;
      const sink = otlpSink({ url: `http://127.0.0.1:${port}/v1/logs`, fetch });
      await shipper({ directory, trusted, sink }).shipOnce();
      const logs = decoded.flatMap(({ resourceLogs }) =>
        resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
      );
      expect(logs.map(({ body }) => (body as { stringValue: string }).stringValue)).toEqual(
        records.map(({ line }) => line),
      );
      expect(logs.map(({ eventName }) => eventName)).toEqual(records.map(({ record }) => record["type"]));
      expect(logs.map(({ timeUnixNano }) => timeUnixNano)).toEqual(
        records.map(({ record }) => `${Date.parse(record["ts"] as string)}000000`),
      );
      const traced = logs.find(({ traceId }) => (traceId as string | undefined)?.length);
      expect(Buffer.from(traced?.["traceId"] as string, "base64").toString("hex")).toBe(
        "0af7651916cd43dd8448eb211c80319c",
      );
    });
  } finally {
    server.close();
  }
});

test("a request that is not of the protocol would be noticed", async () => {
  expect(() =>
    decode(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ bodyText: "x" }] }] }] })),
  ).toThrow();
  await withJournal(async ({ directory, trusted }) => {
    const sink = otlpSink({ url: "http://127.0.0.1:1/v1/logs", fetch });
    await expect(shipper({ directory, trusted, sink }).shipOnce()).rejects.toThrow(
      refusal("AUDIT_UNAVAILABLE"),
    );
  });
});
