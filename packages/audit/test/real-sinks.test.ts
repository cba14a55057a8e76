import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { postgresRecordSchema, postgresSink } from "@symbiont/audit/sinks/postgres";
import { syslogSink } from "@symbiont/audit/sinks/syslog";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPostgres, startPostgres, type TestServer } from "../../../scripts/testing/servers.ts";
import { refusal } from "./journal-fixtures.ts";
import { shipper, withJournal } from "./sink-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

const rsyslogd = "/usr/sbin/rsyslogd";
const noRsyslog = existsSync(rsyslogd) ? "" : " (skipped: no rsyslog installed)";
const signal = new AbortController().signal;

describe.skipIf(noPostgres !== "")(`PostgreSQL${noPostgres}`, () => {
  let server: TestServer;
  let pool: Pool;
  beforeAll(async () => {
    server = await startPostgres();
    pool = new Pool({ host: "127.0.0.1", port: server.port, user: "test", database: "postgres" });
    pool.on("error", () => undefined);
    await pool.query(postgresRecordSchema());
    await pool.query(postgresRecordSchema());
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await server?.remove();
  });

  test("keeps every record once, however often it is sent, also one with a NUL character", async () => {
    await withJournal(async ({ directory, trusted, records }) => {
      const sink = postgresSink(pool);
      await shipper({ directory, trusted, sink }).shipOnce();
      await sink.send(records, signal);
      const { rows } = await pool.query("select origin, seq, leaf, line from audit_records order by seq");
      const expected = records.map(({ origin, sequence, leaf, line }) => ({
        origin,
        seq: String(sequence),
        leaf,
        line,
      }));
      expect(rows).toEqual(expected);
    });
  });

  test("raises the alarm when the database has another record in the place of one", async () => {
    await withJournal(async ({ records }) => {
      const table = "other_records";
      await pool.query(postgresRecordSchema({ table }));
      const sink = postgresSink(pool, { table });
      await sink.send(records, signal);
      await pool.query(`update ${table} set leaf = 'x' where seq = 2`);
      await expect(sink.send(records, signal)).rejects.toMatchObject({ code: "AUDIT_FORKED", record: 2 });
    });
  });

  test("works for a role that may only insert and select", async () => {
    await withJournal(async ({ records }) => {
      const table = "insert_only";
      await pool.query(postgresRecordSchema({ table }));
      await pool.query(`create role writer login; grant insert, select on ${table} to writer`);
      const writer = new Pool({ host: "127.0.0.1", port: server.port, user: "writer", database: "postgres" });
      await postgresSink(writer, { table }).send(records, signal);
      await expect(writer.query(`delete from ${table}`)).rejects.toThrow("permission denied");
      await writer.end();
    });
  });

  test("is waited for when it is gone", async () => {
    await withJournal(async ({ directory, trusted }) => {
      const dead = new Pool({ host: "127.0.0.1", port: 1, user: "test", database: "postgres" });
      const sink = postgresSink(dead, { name: "dead" });
      await expect(shipper({ directory, trusted, sink }).shipOnce()).rejects.toThrow(
        refusal("AUDIT_UNAVAILABLE"),
      );
      await dead.end();
    });
  });
});

test.each(["", "Audit", "a;drop", `x${"y".repeat(63)}`])("the table name %j is refused", (table) => {
  expect(() => postgresRecordSchema({ table })).toThrow(RangeError);
});

describe.skipIf(noRsyslog !== "")(`rsyslog${noRsyslog}`, () => {
  test("reads every message as we meant it", async () => {
    await withFolder(async (folder) => {
      const port = await freePort();
      const output = join(folder, "out");
      const config = join(folder, "conf");
      writeFileSync(
        config,
        `module(load="imtcp" MaxSessions="10")
input(type="imtcp" port="${port}" address="127.0.0.1")
template(name="t" type="string" string="%pri%|%protocol-version%|%hostname%|%app-name%|%msgid%|%structured-data%|%msg%\\n")
action(type="omfile" file="${output}" template="t")
`,
      );
      const daemon = spawn(rsyslogd, ["-n", "-f", config, "-i", join(folder, "pid")], { stdio: "ignore" });
      try {
        await reachable(port);
        await withJournal(async ({ directory, trusted, records }) => {
          const sink = syslogSink({ host: "127.0.0.1", port, hostname: "host-1", appName: "agents" });
          await shipper({ directory, trusted, sink }).shipOnce();
          await expect.poll(() => linesOf(output).length, { timeout: 10_000 }).toBe(records.length);
          for (const [index, line] of linesOf(output).entries()) {
            const [pri, version, host, app, type, data, ...message] = line.split("|");
            const record = records[index];
            if (record === undefined) throw new Error("more messages than records");
            const { out, prev } = record.record;
            expect([pri, version, host, app, type]).toEqual([
              out === "denied" || out === "failure" ? "108" : "110",
              "1",
              "host-1",
              "agents",
              record.record["type"],
            ]);
            expect(data).toBe(
              `[audit@32473 seq="${index}" prev="${prev as string}" leaf="${record.leaf}" origin="${record.origin}"]`,
            );
            expect(message.join("|").replace(/^ ?\ufeff/, "")).toBe(record.line);
          }
        });
      } finally {
        await stop(daemon);
      }
    });
  });
});

test("a syslog server that is not there, or goes away, is told", async () => {
  await withJournal(async ({ records }) => {
    const sink = syslogSink({ host: "127.0.0.1", port: 1 });
    await expect(sink.send(records, signal)).rejects.toThrow();
    const server = createServer((socket) => void socket.destroy());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const leaving = syslogSink({ host: "127.0.0.1", port: (server.address() as { port: number }).port });
    await expect
      .poll(async () =>
        leaving.send(records, signal).then(
          () => "sent",
          () => "refused",
        ),
      )
      .toBe("refused");
    server.close();
  });
});

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}

async function reachable(port: number): Promise<void> {
  const { connect } = await import("node:net");
  await expect
    .poll(
      async () =>
        new Promise((resolve) => {
          const socket = connect(port, "127.0.0.1", () => {
            socket.destroy();
            resolve("there");
          });
          socket.on("error", () => resolve("not there"));
        }),
      { timeout: 10_000 },
    )
    .toBe("there");
}

async function stop(daemon: ChildProcess): Promise<void> {
  const exit = once(daemon, "exit");
  daemon.kill("SIGTERM");
  await exit;
}
