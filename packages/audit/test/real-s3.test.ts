import { createHash } from "node:crypto";
import { join } from "node:path";
import { s3Sink } from "@symbiont/audit/sinks/s3";
import { AwsClient } from "aws4fetch";
import S3rver from "s3rver";
import { describe, expect, test } from "vitest";
import { shipper, withJournal } from "./sink-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER", service: "s3", region: "us-east-1" };

async function withS3(run: (url: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const server = new S3rver({
      port: 0,
      address: "127.0.0.1",
      silent: true,
      directory: join(folder, "s3"),
      configureBuckets: [{ name: "audit", configs: [] }],
    });
    const { port } = await server.run();
    try {
      await run(`http://127.0.0.1:${port}/audit`);
    } finally {
      await server.close();
    }
  });
}

/** Keys and bodies of what is in the bucket. */
async function objectsOf(url: string, client: AwsClient): Promise<Map<string, string>> {
  const listing = await (await client.fetch(`${url}?list-type=2`)).text();
  const keys = [...listing.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key as string);
  const objects = new Map<string, string>();
  for (const key of keys) objects.set(key, await (await client.fetch(`${url}/${key}`)).text());
  return objects;
}

describe("an S3 server", () => {
  test("has every record once, in objects that are named after what is in them", async () => {
    await withS3(async (url) => {
      const client = new AwsClient(credentials);
      await withJournal(async ({ directory, trusted, records, more }) => {
        const sink = s3Sink({ url: `${url}/journal`, fetch: client.fetch.bind(client) });
        const ship = shipper({ directory, trusted, sink, batchRecords: 3 });
        await ship.shipOnce();
        await more();
        await ship.shipOnce();
        await ship.shipOnce();
        const objects = await objectsOf(url, client);
        const lines = [...objects.values()].flatMap((body) => body.trimEnd().split("\n"));
        expect(lines.slice(0, records.length)).toEqual(records.map(({ line }) => line));
        expect(new Set(lines).size).toBe(lines.length);
        for (const [key, body] of objects) {
          const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
          expect(key).toMatch(new RegExp(`^journal/\\d{16}-\\d{16}-${hash}\\.jsonl$`));
        }
      });
    });
  });

  test("refuses a key that it does not know, and the cursor waits", async () => {
    await withS3(async (url) => {
      const client = new AwsClient({ ...credentials, accessKeyId: "another", retries: 0 });
      await withJournal(async ({ directory, trusted }) => {
        const sink = s3Sink({ url, fetch: client.fetch.bind(client) });
        await expect(shipper({ directory, trusted, sink }).shipOnce()).rejects.toMatchObject({
          code: "AUDIT_UNAVAILABLE",
        });
        expect((await objectsOf(url, new AwsClient(credentials))).size).toBe(0);
      });
    });
  });
});
