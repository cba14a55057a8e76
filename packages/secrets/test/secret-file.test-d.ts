import type { KeyProvider, Secret, SecretStore } from "@symbiont/secrets";
import { type Argon2Cost, SecretFile, type SecretFileOptions, type SlotInfo } from "@symbiont/secrets/file";
import { type Migration, migrateSecrets, readSymbiontStore } from "@symbiont/secrets/symbiont";
import { expectTypeOf, test } from "vitest";

test("a secret file is made and opened by functions only", () => {
  expectTypeOf(SecretFile.create).parameters.toEqualTypeOf<[path: string, options: SecretFileOptions]>();
  expectTypeOf(SecretFile.open).returns.resolves.toEqualTypeOf<SecretFile>();
  expectTypeOf<SecretFile["store"]>().toEqualTypeOf<SecretStore>();
  // @ts-expect-error its constructor is private
  expectTypeOf(SecretFile).toBeConstructibleWith("secrets", { keyProviders: [] });
});

test("key providers are required, randomness cannot be given", () => {
  expectTypeOf<Pick<SecretFileOptions, "keyProviders">>().toEqualTypeOf<{
    readonly keyProviders: readonly KeyProvider[];
  }>();
  expectTypeOf<keyof SecretFileOptions>().toEqualTypeOf<
    | "actor"
    | "argon2"
    | "audit"
    | "auditMode"
    | "backups"
    | "cacheCheckMs"
    | "idleWipeMs"
    | "keyProviders"
    | "now"
    | "onRotationDue"
    | "signal"
    | "witness"
  >();
  expectTypeOf<SlotInfo["argon2"]>().toEqualTypeOf<Argon2Cost | undefined>();
});

test("what Symbiont kept arrives behind handles, and a migration tells names", () => {
  expectTypeOf(readSymbiontStore).returns.resolves.toEqualTypeOf<ReadonlyMap<string, Secret>>();
  expectTypeOf(migrateSecrets).parameter(1).toEqualTypeOf<SecretStore | SecretFile>();
  expectTypeOf<Migration>().toEqualTypeOf<{
    readonly created: readonly string[];
    readonly replaced: readonly string[];
  }>();
});
