import {
  createSecretStore,
  memoryStore,
  type SecretBackend,
  type SecretStore,
  type SecretStoreOptions,
  type SecretValue,
} from "@symbiont/secrets";
import { describe, expect, test } from "vitest";
import { AuditList } from "./audit-list.ts";

const CANARY = "c4n4ry-v4lue";

function audited(options: Partial<SecretStoreOptions> = {}): { audit: AuditList; store: SecretStore } {
  const audit = new AuditList();
  return { audit, store: memoryStore({ audit, ...options }) };
}

describe("every access is on record", () => {
  test("as an attempt before and an outcome after, tied together", async () => {
    const { audit, store } = audited();
    await store.set("a", CANARY);
    await store.rotate("a", () => `${CANARY}2`, { graceMs: 1_000 });
    await store.get("a");
    await store.getAccepted("a");
    await store.getMany(["a"]);
    await store.has("a");
    await store.metadata("a");
    await store.list();
    await store.delete("a");
    expect(audit.lines).toEqual(
      ["set", "rotate", "get", "get", "get", "has", "metadata", "list", "delete"].flatMap((name) => [
        `secret.${name} attempt`,
        `secret.${name} success`,
      ]),
    );
    for (const [index, { outcome, attempt }] of audit.records.entries())
      if (outcome === "success") expect(attempt).toBe(index - 1);
    expect(JSON.stringify(audit.records)).not.toContain(CANARY);
  });

  test("with the full name, the version and who it was", async () => {
    const { audit, store } = audited({ actor: { kind: "service", id: "billing" } });
    const mine = store.scope("agents/a", { actor: { kind: "agent", id: "a" } });
    await mine.set("key", "x");
    expect(audit.records[1]).toEqual({
      type: "secret.set",
      actor: { kind: "agent", id: "a" },
      resource: { kind: "secret", id: "agents/a/key" },
      outcome: "success",
      attempt: 0,
      data: { version: 1 },
    });
    await store.get("agents/a/key");
    expect(audit.records.at(-1)?.actor).toEqual({ kind: "service", id: "billing" });
  });

  test("also when it fails, with the code", async () => {
    const { audit, store } = audited();
    await expect(store.get("missing")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
    expect(audit.records.at(-1)).toMatchObject({
      outcome: "failure",
      error: { name: "SecretError", code: "SECRET_NOT_FOUND" },
    });
  });

  test("also when the caller's own function fails, without its message", async () => {
    const { audit, store } = audited();
    await store.set("a", "1");
    const produce = (): never => {
      throw new Error(CANARY);
    };
    await expect(store.rotate("a", produce, { graceMs: 0 })).rejects.toThrow(CANARY);
    expect(audit.lines.at(-1)).toBe("secret.rotate failure");
    expect(JSON.stringify(audit.records)).not.toContain(CANARY);
  });

  test("also when the beginning of names was refused, without it", async () => {
    const { audit, store } = audited();
    await expect(store.scope("agents/a").list(`../${CANARY}`)).rejects.toMatchObject({
      code: "SECRET_NAME_INVALID",
    });
    expect(audit.lines).toEqual(["secret.list denied"]);
    expect(JSON.stringify(audit.records)).not.toContain(CANARY);
  });

  test("also when the name was refused, without the name", async () => {
    const { audit, store } = audited();
    await expect(store.scope("agents/a").get(`../${CANARY}`)).rejects.toMatchObject({
      code: "SECRET_NAME_INVALID",
    });
    expect(audit.records).toEqual([
      expect.objectContaining({
        type: "secret.get",
        outcome: "denied",
        resource: { kind: "secret_prefix", id: "agents/a/" },
        error: { name: "SecretError", code: "SECRET_NAME_INVALID" },
      }),
    ]);
  });
});

describe("a strict store", () => {
  test("tells again that a secret is due when that could not be recorded", async () => {
    const due: number[] = [];
    const { audit, store } = audited({ onRotationDue: ({ version }) => void due.push(version) });
    await store.set("a", "1", { rotateAfter: 1 });
    audit.refuse = ["info"];
    await expect(store.get("a")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
    expect(due).toEqual([]);
    audit.refuse = [];
    await store.get("a");
    await store.get("a");
    expect(audit.lines.filter((line) => line === "secret.rotation_due info")).toHaveLength(1);
    expect(due).toEqual([1]);
  });

  test("keeps no value of a read that fails because of that", async () => {
    const audit = new AuditList();
    const disposed: number[] = [];
    const value = (version: number): SecretValue => ({
      copy: () => new Uint8Array(1),
      dispose: () => void disposed.push(version),
    });
    const metadata = { name: "a", version: 2, rotateAfter: 1, previous: [{ version: 1, until: Infinity }] };
    const read: SecretBackend["read"] = async () => ({ metadata, value });
    const store = createSecretStore({ kind: "test", read, list: async () => [] }, { audit });
    audit.refuse = ["info"];
    await expect(store.get("a")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
    await expect(store.getAccepted("a")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
    expect(disposed).toEqual([2, 2, 1]);
  });

  test("touches nothing when the attempt cannot be recorded", async () => {
    const { audit, store } = audited();
    await store.set("a", "1");
    audit.refuse = ["attempt"];
    await expect(store.set("a", "2")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
    await expect(store.get("a")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
    await expect(store.delete("a")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
    audit.refuse = [];
    expect((await store.get("a")).expose()).toBe("1");
  });

  test("hands out nothing when the outcome cannot be recorded", async () => {
    const { audit, store } = audited();
    await store.set("a", "1");
    audit.refuse = ["success"];
    await expect(store.get("a")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
    await expect(store.getAccepted("a")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
  });

  test("tells that a write is done when only its outcome is unrecorded", async () => {
    const { audit, store } = audited();
    audit.refuse = ["success"];
    await expect(store.set("a", "1")).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED" });
    audit.refuse = [];
    expect((await store.get("a")).expose()).toBe("1");
  });

  test("gives the reason of a failure even when that cannot be recorded, and says so later", async () => {
    const { audit, store } = audited();
    audit.refuse = ["failure"];
    await expect(store.get("a")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
    await store.has("a");
    expect(audit.records.map(({ data }) => data?.["lostRecords"])).toEqual([undefined, 1, undefined]);
  });
});

describe("a permissive store", () => {
  test("goes on without its sink, and the next record says what is missing", async () => {
    const { audit, store } = audited({ auditMode: "permissive" });
    audit.refuse = ["attempt", "success"];
    await store.set("a", "1");
    expect(await store.scope("b", { actor: { kind: "agent", id: "b" } }).has("a")).toBe(false);
    audit.refuse = [];
    await store.get("a");
    expect(audit.records.map(({ data }) => data?.["lostRecords"])).toEqual([4, undefined]);
  });
});

test("a mode that does not exist is refused", () => {
  expect(() => memoryStore({ auditMode: "off" as "strict" })).toThrow(TypeError);
});

test("a sink that is none is refused", () => {
  for (const audit of [null, {}, "file", () => undefined])
    expect(() => memoryStore({ audit: audit as never, auditMode: "permissive" })).toThrow(TypeError);
});
