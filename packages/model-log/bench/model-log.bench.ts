import { createCipheriv, randomBytes } from "node:crypto";
import { fdatasync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelLog } from "@symbiont/model-log";
import type { Bench } from "../../../scripts/bench/bench.ts";

const PRODUCERS = 64;

/** Encrypts with one key and group commits: what any durable encrypted log has to pay. */
class BareEncryptedLog {
  readonly #descriptor: number;
  readonly #key = randomBytes(32);
  #waiting: (() => void)[] = [];
  #lines: string[] = [];
  #writing = false;

  constructor(path: string) {
    this.#descriptor = openSync(path, "wx", 0o600);
  }

  async append(body: unknown): Promise<void> {
    const cipher = createCipheriv("aes-256-gcm", this.#key, randomBytes(12));
    const sealed = Buffer.concat([
      cipher.update(JSON.stringify(body), "utf8"),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return new Promise((resolve) => {
      this.#lines.push(`${sealed.toString("base64url")}\n`);
      this.#waiting.push(resolve);
      if (!this.#writing) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#writing = true;
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      writeSync(this.#descriptor, this.#lines.join(""));
      this.#waiting = [];
      this.#lines = [];
      await new Promise<void>((resolve) => {
        fdatasync(this.#descriptor, () => resolve());
      });
      for (const resolve of waiting) resolve();
    }
    this.#writing = false;
  }
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
  const bare = new BareEncryptedLog(join(folder, "bare"));
  const body = { request: "x".repeat(2_020) };
  const producers = Array.from({ length: PRODUCERS });
  const meta = { kind: "completion", agent: "a", model: "m", outcome: "ok" } as const;
  return Promise.resolve([
    {
      name: `strict record of 2 KiB, ${PRODUCERS} producers (per round)`,
      ours: async () => Promise.all(producers.map(async () => log.complete(meta, body))),
      floor: async () => Promise.all(producers.map(async () => bare.append(body))),
      floorName: "AES-256-GCM with one key and group commit: no chain, no key for each record",
      maxFloorRatio: 3,
    },
  ]);
}
