import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelLog } from "@symbiont/model-log";
import { BareGroupCommit } from "../../../scripts/bench/bare-group-commit.ts";
import type { Bench } from "../../../scripts/bench/bench.ts";

const PRODUCERS = 64;

/** Encrypts with one key: the least that an encrypted log has to do. */
function encrypted(key: Uint8Array, body: unknown): string {
  const cipher = createCipheriv("aes-256-gcm", key, randomBytes(12));
  const sealed = Buffer.concat([
    cipher.update(JSON.stringify(body), "utf8"),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return `${sealed.toString("base64url")}\n`;
}

export async function benches(): Promise<readonly Bench[]> {
  const folder = mkdtempSync(join(tmpdir(), "model-log-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const source = {
    get: async () =>
      Promise.resolve({
        use: async <T>(use: (key: Uint8Array) => T | Promise<T>) => use(new Uint8Array(32).fill(1)),
      }),
  };
  const log = ModelLog.open(join(folder, "log"), {
    keys: { kind: "wrapped", source, name: "kek" },
    redactor: "none",
  });
  const bare = new BareGroupCommit(join(folder, "bare"));
  const key = randomBytes(32);
  const body = { request: "x".repeat(2_020) };
  const producers = Array.from({ length: PRODUCERS });
  const meta = { kind: "completion", agent: "a", model: "m", outcome: "ok" } as const;
  return Promise.resolve([
    {
      name: `strict record of 2 KiB, ${PRODUCERS} producers (per round)`,
      ours: async () => Promise.all(producers.map(async () => log.complete(meta, body))),
      floor: async () => Promise.all(producers.map(async () => bare.append(encrypted(key, body)))),
      floorName: "AES-256-GCM with one key and group commit: no chain, no key for each record",
      maxFloorRatio: 2.5,
      maxMicroseconds: (PRODUCERS * 1_000_000) / 10_000,
    },
  ]);
}
