import type {
  ApiKeyErrorCode,
  ApiKeyInfo,
  ApiKeys,
  apiKeyIdentity,
  KeyAccess,
  KeyDetails,
  RefusalReason,
  TicketRefusalReason,
  VerifiedKey,
} from "@symbiont/api-keys";
import type { PostgresClient } from "@symbiont/api-keys/postgres";
import type { RedisClient } from "@symbiont/api-keys/redis";
import type { IdentityVerifier } from "@symbiont/kit";
import type { Cluster, Redis } from "ioredis";
import type { Client, Pool } from "pg";
import type { RedisClientType } from "redis";
import { expectTypeOf, test } from "vitest";

test("codes and reasons are closed sets", () => {
  expectTypeOf<ApiKeyErrorCode>().toEqualTypeOf<
    | "API_KEY_MISSING"
    | "API_KEY_HEADER_INVALID"
    | "API_KEY_REFUSED"
    | "API_KEY_SCOPE_DENIED"
    | "API_KEY_BUSY"
    | "API_KEY_THROTTLED"
    | "API_KEY_NOT_FOUND"
    | "API_KEY_EXISTS"
    | "API_KEY_INACTIVE"
    | "API_KEY_CONFLICT"
    | "API_KEY_WEAK_SECRET"
    | "API_KEY_TOKEN_TAKEN"
    | "API_KEY_STORE_UNAVAILABLE"
    | "API_KEY_STORE_CORRUPT"
    | "API_KEY_AUDIT_FAILED"
  >();
  expectTypeOf<RefusalReason>().toEqualTypeOf<
    | "revoked"
    | "not_yet_valid"
    | "expired"
    | "malformed"
    | "unknown_key"
    | "secret_mismatch"
    | "verifier_unsupported"
    | "pepper_unknown"
    | "unkeyed"
  >();
  expectTypeOf<TicketRefusalReason>().toEqualTypeOf<"ticket_unknown" | "ticket_origin" | "ticket_outdated">();
});

test("access is said, and never twice", () => {
  expectTypeOf<KeyDetails>().not.toExtend<KeyAccess>();
  expectTypeOf<{ admin: true }>().toExtend<KeyAccess>();
  expectTypeOf<{ agents: string[] }>().toExtend<KeyAccess>();
  expectTypeOf<{ admin: false }>().not.toExtend<KeyAccess>();
  expectTypeOf<{ admin: true; agents: string[] }>().not.toExtend<KeyAccess>();
});

test("a listed key is not a verified one, and shows no verifier", () => {
  expectTypeOf<ApiKeyInfo>().not.toExtend<VerifiedKey>();
  expectTypeOf<ApiKeyInfo>().not.toHaveProperty("keyHash");
  expectTypeOf<ApiKeys["verify"]>().returns.resolves.toEqualTypeOf<VerifiedKey>();
});

test("real clients have the shapes that are asked for", () => {
  expectTypeOf<Pool>().toExtend<PostgresClient>();
  expectTypeOf<Client>().toExtend<PostgresClient>();
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
  expectTypeOf<RedisClientType>().toExtend<RedisClient>();
  expectTypeOf<typeof apiKeyIdentity>().returns.toEqualTypeOf<IdentityVerifier>();
});
