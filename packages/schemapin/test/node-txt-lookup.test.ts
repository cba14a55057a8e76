import { createSocket } from "node:dgram";
import { checkDns, dnsRecordName } from "@symbiont/schemapin";
import { createNodeTxtLookup } from "@symbiont/schemapin/node-txt-lookup";
import { describe, expect, onTestFinished, test } from "vitest";
import { fingerprint, refused } from "./document-fixtures.ts";

const OK = 0;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

/** A name server on loopback that gives every question the same answer, or none. */
async function nameServer(answer: { code: number; records?: string[][] } | "silence"): Promise<string> {
  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  socket.on("message", (query, { port, address }) => {
    if (answer !== "silence") socket.send(reply(query, answer.code, answer.records ?? []), port, address);
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, "127.0.0.1", resolve);
  });
  return `127.0.0.1:${socket.address().port}`;
}

/** Header, the question again, and TXT records that point at its name. */
function reply(query: Buffer, code: number, records: readonly string[][]): Buffer {
  const questionEnd = query.indexOf(0, 12) + 5;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt16BE(0, 10);
  const answers = records.map((chunks) => {
    const data = Buffer.concat(chunks.map((chunk) => Buffer.from([chunk.length, ...Buffer.from(chunk)])));
    const fixed = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0]);
    fixed.writeUInt16BE(data.length, 10);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([header, query.subarray(12, questionEnd), ...answers]);
}

const name = dnsRecordName("one.example");

describe("createNodeTxtLookup", () => {
  test("gives the chunks of every record", async () => {
    const records = [["v=spf1 -all"], ["v=schemapin1; fp=", fingerprint]];
    const lookup = createNodeTxtLookup({ servers: [await nameServer({ code: OK, records })] });
    expect(await lookup(name)).toEqual(records);
    await checkDns("one.example", fingerprint, { policy: "require", lookup });
  });

  test.each([
    ["there is no such name", NO_SUCH_NAME],
    ["the name has no such record", OK],
  ])("gives an empty list when %s", async (_, code) => {
    const lookup = createNodeTxtLookup({ servers: [await nameServer({ code })] });
    expect(await lookup(name)).toEqual([]);
  });

  test("rejects when the server fails or does not answer: that is not absence", async () => {
    for (const answer of [{ code: SERVER_FAILURE }, "silence"] as const) {
      const servers = [await nameServer(answer)];
      const lookup = createNodeTxtLookup({ servers, timeoutMs: 50, attempts: 1 });
      await expect(checkDns("one.example", fingerprint, { policy: "if-present", lookup })).rejects.toThrow(
        refused("SCHEMAPIN_DNS_UNAVAILABLE"),
      );
    }
  });

  test.each(["timeoutMs", "attempts"])("%s must be a positive integer", (option) => {
    expect(() => createNodeTxtLookup({ [option]: 0 })).toThrow(new RegExp(option));
  });
});
