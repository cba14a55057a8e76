import type { ApiKeyInfo, ApiKeys, IssuedKey } from "@symbiont/api-keys";
import type { JsonObject } from "@symbiont/kit";
import type { Answer } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { writeNew } from "../../program/write-file.ts";

interface StoreOption {
  readonly store: string;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** `keys create`. */
export async function createApiKey(
  options: StoreOption & {
    readonly agent?: readonly string[];
    readonly admin?: boolean;
    readonly scope: readonly string[];
    readonly owner?: string;
    readonly days: string;
    readonly out?: string;
  },
): Promise<Answer> {
  const { agent, admin, scope, owner, days, out, store } = options;
  if ((agent === undefined) === (admin !== true))
    throw new UsageError("write --agent ID or --admin, not both");
  const expiresAt = days === "never" ? days : Date.now() + amount("--days", days) * DAY_MS;
  return withKeys(store, async (keys) => {
    const details = { scopes: scope, expiresAt, ...(owner !== undefined && { owner }) } as const;
    const access = agent === undefined ? ({ admin: true } as const) : { agents: agent };
    return issued(await keys.create({ ...access, ...details }), out);
  });
}

/** `keys list`. */
export async function listApiKeys({ store, all }: StoreOption & { readonly all?: boolean }): Promise<Answer> {
  return withKeys(store, async (keys) => {
    const found: ApiKeyInfo[] = [];
    for (let after = ""; ; ) {
      const page = await keys.list({
        includeRevoked: all === true,
        limit: 500,
        ...(after !== "" && { after }),
      });
      found.push(...page);
      after = page.at(-1)?.keyId ?? "";
      if (page.length < 500) break;
    }
    const lines = found.map((key) =>
      `${key.keyId}  ${scopeOf(key)}  ${stateOf(key)}  ${key.description}`.trimEnd(),
    );
    return { data: found.map(publicFacts), lines: lines.length === 0 ? ["no keys"] : lines };
  });
}

/** `keys rotate`. */
export async function rotateApiKey(
  { store, graceHours, out }: StoreOption & { readonly graceHours: string; readonly out?: string },
  _: unknown,
  id = "",
): Promise<Answer> {
  const graceMs = amount("--grace-hours", graceHours) * HOUR_MS;
  return withKeys(store, async (keys) => issued(await keys.rotate(id, { graceMs }), out));
}

/** `keys revoke`. */
export async function revokeApiKey(
  { store, reason }: StoreOption & { readonly reason: string },
  _: unknown,
  id = "",
): Promise<Answer> {
  return withKeys(store, async (keys) => {
    const key = await keys.revoke(id, reason);
    return { data: publicFacts(key), lines: [["ok", `${key.keyId} is revoked`]] };
  });
}

async function withKeys(path: string, work: (keys: ApiKeys) => Promise<Answer>): Promise<Answer> {
  const [{ ApiKeys }, { FileStore }] = await Promise.all([
    import("@symbiont/api-keys"),
    import("@symbiont/api-keys/file"),
  ]);
  const keys = new ApiKeys({ store: new FileStore(path) });
  try {
    return await work(keys);
  } finally {
    await keys.close();
  }
}

async function issued({ token, key }: IssuedKey, out: string | undefined): Promise<Answer> {
  const text = token.reveal();
  if (out === undefined) {
    return {
      data: { ...publicFacts(key), token: text },
      lines: [text, ["note", "shown once, stored nowhere"]],
    };
  }
  await writeNew(out, `${text}\n`);
  return {
    data: { ...publicFacts(key), file: out },
    lines: [["ok", `${key.keyId}: the token is in ${out}`]],
  };
}

function publicFacts(key: ApiKeyInfo): JsonObject {
  const { keyId, agentScope, scopes, owner, description, expiresAt, revoked } = key;
  return {
    keyId,
    agents: agentScope === null ? "all" : [...agentScope],
    scopes: [...scopes],
    owner: owner ?? null,
    description,
    expires: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    revoked,
  };
}

function scopeOf({ agentScope }: ApiKeyInfo): string {
  return agentScope === null ? "every agent" : agentScope.join(", ");
}

function stateOf({ revoked, expiresAt }: ApiKeyInfo): string {
  if (revoked) return "revoked";
  if (expiresAt === undefined) return "never expires";
  const verb = expiresAt < Date.now() ? "expired" : "expires";
  return `${verb} ${new Date(expiresAt).toISOString().slice(0, 10)}`;
}

function amount(option: string, text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new UsageError(`${option} must be a whole number from 1`);
  return value;
}
