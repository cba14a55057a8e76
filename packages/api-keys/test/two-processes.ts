import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ApiKeys } from "@symbiont/api-keys";
import { expect, test } from "vitest";
import { openStore, type StoreSpec } from "./open-store.ts";

const child = fileURLToPath(new URL("./children/verifier-child.ts", import.meta.url));
const loader = new URL("../../../scripts/ts.mjs", import.meta.url).href;

/** Declares the tests that need two processes with one store, both with warm caches. */
export function twoProcessTests(spec: () => StoreSpec): void {
  test("what one process revokes, the other refuses on the very next request", async () => {
    await withOther(spec(), async (keys, ask) => {
      for (let round = 0; round < 3; round += 1) {
        const { token, key } = await keys.create({ agents: ["agent-a"] });
        const text = token.reveal();
        await keys.verify(text);
        for (let warm = 0; warm < 5; warm += 1) expect(await ask({ verify: text })).toBe("ok");
        await keys.revoke(key.keyId, "test");
        expect(await ask({ verify: text })).toBe("API_KEY_REFUSED");
      }
      const { token, key } = await keys.create({ agents: ["agent-a"] });
      const text = token.reveal();
      for (let warm = 0; warm < 5; warm += 1) await keys.verify(text);
      expect(await ask({ verify: text })).toBe("ok");
      expect(await ask({ revoke: key.keyId })).toBe("ok");
      await expect(keys.verify(text)).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
    });
  });

  test("a rotation without grace ends the old key everywhere, and the new one is good everywhere", async () => {
    await withOther(spec(), async (keys, ask) => {
      const old = await keys.create({ agents: ["agent-a"] });
      const oldText = old.token.reveal();
      expect(await ask({ verify: oldText })).toBe("ok");
      const { token } = await keys.rotate(old.key.keyId, { graceMs: 0 });
      expect(await ask({ verify: oldText })).toBe("API_KEY_REFUSED");
      expect(await ask({ verify: token.reveal() })).toBe("ok");
    });
  });
}

type Ask = (message: { verify?: string; revoke?: string }) => Promise<unknown>;

async function withOther(spec: StoreSpec, use: (keys: ApiKeys, ask: Ask) => Promise<void>): Promise<void> {
  const { store, close } = openStore(spec);
  const other = fork(child, [JSON.stringify(spec)], {
    execArgv: ["-C", "@symbiont/source", "--import", loader],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  try {
    expect(await answer(other)).toBe("ready");
    const ask: Ask = (message) => {
      const reply = answer(other);
      other.send(message);
      return reply;
    };
    await use(new ApiKeys({ store, lastUsedMs: 0 }), ask);
  } finally {
    if (other.exitCode === null) {
      const exit = once(other, "exit");
      other.kill("SIGKILL");
      await exit;
    }
    await close();
  }
}

async function answer(other: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const ended = once(other, "exit", { signal }).then(() => {
      throw new Error("the other process ended");
    });
    const [message] = await Promise.race([once(other, "message", { signal }), ended]);
    return message;
  } finally {
    settled.abort();
  }
}
