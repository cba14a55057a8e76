import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { SecretError, type SecretErrorCode } from "../errors.ts";
import type { SecretStore } from "../store.ts";

/** One promise a store must keep. `run` rejects when it does not. */
export interface SecretStoreCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What the contract needs of a writable back end. */
export interface SecretStoreFixture {
  /** A store over a new, empty place. */
  readonly store: SecretStore;
  /** A second store over the same place, as another process would have it. */
  readonly other: SecretStore;
  /** The clock of both stores, in epoch milliseconds. */
  readonly clock: { now: number };
}

/**
 * Everything a writable back end promises, for any test runner:
 * `for (const { name, run } of secretStoreContract(open)) test(name, run)`.
 */
export function secretStoreContract(open: () => Promise<SecretStoreFixture>): readonly SecretStoreCase[] {
  return CASES.map(({ name, run }) => ({ name, run: async () => run(await open()) }));
}

const CASES: readonly {
  readonly name: string;
  readonly run: (fixture: SecretStoreFixture) => Promise<void>;
}[] = [
  {
    name: "an empty store knows nothing",
    run: async ({ store }) => {
      for (const name of ["nobody", "__proto__", "constructor"]) {
        await refused(store.get(name), "SECRET_NOT_FOUND");
        await refused(store.metadata(name), "SECRET_NOT_FOUND");
        await refused(
          store.rotate(name, () => "x", { graceMs: 0 }),
          "SECRET_NOT_FOUND",
        );
        strictEqual(await store.has(name), false);
        strictEqual(await store.delete(name), false);
      }
      deepStrictEqual(await store.list(), []);
    },
  },
  {
    name: "a value comes back as it was set, whatever it holds",
    run: async ({ store, other }) => {
      const values: Readonly<Record<string, string>> = {
        plain: "s3cr3t",
        empty: "",
        __proto__x: "name",
        "ünïcode/🔑 name%2F?#&=+": 'välue 🔑\n\r\t\u0001"\\',
        "deep/er/and/deeper": " leading and trailing ",
      };
      for (const [name, value] of Object.entries(values)) await store.set(name, value);
      for (const [name, value] of Object.entries(values)) {
        strictEqual((await store.get(name)).expose(), value);
        strictEqual((await other.get(name)).expose(), value);
      }
      deepStrictEqual(new Set(await other.list()), new Set(Object.keys(values)));
    },
  },
  {
    name: "bytes that are not text come back as they were set",
    run: async ({ store, other }) => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.set("bytes", bytes);
      ok((await other.get("bytes")).equals(bytes));
      strictEqual(bytes[255], 255, "the caller's bytes stay the caller's");
      await refused(
        other.get("bytes").then((secret) => secret.expose()),
        "SECRET_VALUE_INVALID",
      );
    },
  },
  {
    name: "a name is compared byte by byte",
    run: async ({ store }) => {
      await store.set("Name", "upper");
      await store.set("name", "lower");
      await store.set("caf\u00e9", "composed");
      await store.set("cafe\u0301", "decomposed");
      strictEqual((await store.get("Name")).expose(), "upper");
      strictEqual((await store.get("caf\u00e9")).expose(), "composed");
      strictEqual((await store.list()).length, 4);
    },
  },
  {
    name: "versions count up, and the other store sees them at once",
    run: async ({ store, other }) => {
      strictEqual((await store.set("a", "1")).version, 1);
      strictEqual((await other.set("a", "2")).version, 2);
      strictEqual((await store.metadata("a")).version, 2);
      const secret = await store.get("a");
      strictEqual(secret.version, 2);
      strictEqual(secret.expose(), "2");
    },
  },
  {
    name: "a write that expects another version is refused",
    run: async ({ store, other }) => {
      await store.set("a", "1", { ifVersion: 0 });
      await refused(other.set("a", "1", { ifVersion: 0 }), "SECRET_CONFLICT");
      await refused(other.set("a", "1", { ifVersion: 7 }), "SECRET_CONFLICT");
      await other.set("a", "2", { ifVersion: 1 });
      await refused(store.set("a", "3", { ifVersion: 1 }), "SECRET_CONFLICT");
      strictEqual((await store.get("a")).expose(), "2");
    },
  },
  {
    name: "of many writers that expect the same version one wins",
    run: async ({ store, other }) => {
      await store.set("a", "0");
      const writers = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? store : other));
      const answers = await Promise.allSettled(
        writers.map((writer, index) => writer.set("a", `w${index}`, { ifVersion: 1 })),
      );
      const winners = answers.flatMap((answer, index) => (answer.status === "fulfilled" ? [index] : []));
      strictEqual(winners.length, 1);
      for (const answer of answers)
        if (answer.status === "rejected") strictEqual((answer.reason as SecretError).code, "SECRET_CONFLICT");
      strictEqual((await store.get("a")).expose(), `w${winners[0]}`);
    },
  },
  {
    name: "many writers of different names lose nothing",
    run: async ({ store, other }) => {
      const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
      await Promise.all(names.map((name, index) => (index % 2 === 0 ? store : other).set(name, name)));
      for (const name of names) strictEqual((await store.get(name)).expose(), name);
    },
  },
  {
    name: "metadata come back as they were set, and a new value starts without them",
    run: async ({ store, other, clock }) => {
      const options = {
        expiresAt: clock.now + 60_000,
        rotateAfter: clock.now + 30_000,
        notes: { owner: "team-a", tags: ["x", { deep: null }] },
      };
      await store.set("a", "1", options);
      const { createdAt, updatedAt, ...rest } = await other.metadata("a");
      deepStrictEqual(rest, { name: "a", version: 1, ...options, previous: [] });
      ok(createdAt !== undefined && updatedAt !== undefined && createdAt <= updatedAt);
      await store.set("a", "2");
      const second = await other.metadata("a");
      deepStrictEqual(
        [second.expiresAt, second.rotateAfter, second.notes, second.version],
        [undefined, undefined, undefined, 2],
      );
      // Absent where the back end no longer knows it.
      strictEqual(second.createdAt ?? createdAt, createdAt);
    },
  },
  {
    name: "an expired secret is refused unless asked for",
    run: async ({ store, clock }) => {
      await store.set("a", "1", { expiresAt: clock.now + 1_000 });
      strictEqual((await store.get("a")).expose(), "1");
      clock.now += 1_000;
      await refused(store.get("a"), "SECRET_EXPIRED");
      await refused(store.getAccepted("a"), "SECRET_EXPIRED");
      strictEqual(await store.has("a"), true);
      strictEqual((await store.get("a", { allowExpired: true })).expose(), "1");
    },
  },
  {
    name: "rotation keeps the old value for its grace period only",
    run: async ({ store, other, clock }) => {
      await store.set("a", "one");
      const rotated = await store.rotate("a", (current) => `${current.expose()}+`, { graceMs: 5_000 });
      deepStrictEqual(rotated.previous, [{ version: 1, until: clock.now + 5_000 }]);
      clock.now += 1_000;
      await store.rotate("a", () => "three", { graceMs: 10_000 });
      const accepted = async (): Promise<string[]> =>
        (await other.getAccepted("a")).map((secret) => `${secret.version}:${secret.expose()}`);
      deepStrictEqual(await accepted(), ["3:three", "2:one+", "1:one"]);
      clock.now += 4_000;
      deepStrictEqual(await accepted(), ["3:three", "2:one+"]);
      clock.now += 6_000;
      deepStrictEqual(await accepted(), ["3:three"]);
    },
  },
  {
    name: "setting a value drops the older ones",
    run: async ({ store }) => {
      await store.set("a", "1");
      await store.rotate("a", () => "2", { graceMs: 60_000 });
      await store.set("a", "3");
      strictEqual((await store.getAccepted("a")).length, 1);
      deepStrictEqual((await store.metadata("a")).previous, []);
    },
  },
  {
    name: "a rotation that somebody overtakes writes nothing",
    run: async ({ store, other }) => {
      await store.set("a", "1");
      const rotation = store.rotate(
        "a",
        async () => {
          await other.set("a", "theirs");
          return "ours";
        },
        { graceMs: 1_000 },
      );
      await refused(rotation, "SECRET_CONFLICT");
      strictEqual((await store.get("a")).expose(), "theirs");
    },
  },
  {
    name: "a deleted secret is gone with its versions, and may come back",
    run: async ({ store, other }) => {
      await store.set("a", "1");
      await store.rotate("a", () => "2", { graceMs: 60_000 });
      strictEqual(await other.delete("a"), true);
      await refused(store.get("a"), "SECRET_NOT_FOUND");
      deepStrictEqual(await store.list(), []);
      await store.set("a", "3", { ifVersion: 0 });
      strictEqual((await store.getAccepted("a")).length, 1);
      strictEqual((await other.get("a")).expose(), "3");
    },
  },
  {
    name: "a prefix is plain text",
    run: async ({ store }) => {
      for (const name of ["a", "ab", "a/b", "a/bc", "b/a"]) await store.set(name, "x");
      deepStrictEqual(await store.list("a"), ["a", "a/b", "a/bc", "ab"]);
      deepStrictEqual(await store.list("a/"), ["a/b", "a/bc"]);
      deepStrictEqual(await store.list("a/b"), ["a/b", "a/bc"]);
      deepStrictEqual(await store.list("c"), []);
    },
  },
  {
    name: "a scope shares the place and sees nothing beside itself",
    run: async ({ store, other }) => {
      const mine = store.scope("agents/a/secrets");
      await mine.set("key", "mine");
      await store.set("agents/ab/secrets/key", "other");
      strictEqual((await other.get("agents/a/secrets/key")).expose(), "mine");
      deepStrictEqual(await mine.list(), ["key"]);
      strictEqual(await mine.has("agents/ab/secrets/key"), false);
      strictEqual((await mine.metadata("key")).name, "key");
    },
  },
  {
    name: "a signal that has fired stops the call",
    run: async ({ store }) => {
      const signal = AbortSignal.abort();
      await refused(store.get("a", { signal }), "SECRET_ABORTED");
      await refused(store.set("a", "1", { signal }), "SECRET_ABORTED");
      strictEqual(await store.has("a"), false);
    },
  },
];

async function refused(work: Promise<unknown>, code: SecretErrorCode): Promise<void> {
  await rejects(work, (error) => {
    ok(SecretError.is(error), `expected ${code}, got ${String(error)}`);
    strictEqual(error.code, code);
    return true;
  });
}
