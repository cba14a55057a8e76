import type { KeyMaterial, KeyProvider, LocalKeyProvider } from "@symbiont/secrets";
import { callbackKey } from "@symbiont/secrets/key-providers/callback";
import { envKey } from "@symbiont/secrets/key-providers/env";
import { createFileKey, fileKey, symbiontKeyFile, systemdKey } from "@symbiont/secrets/key-providers/file";
import { createKeychainKey, keychainKey } from "@symbiont/secrets/key-providers/keychain";
import { expectTypeOf, test } from "vitest";

test("every provider is a local one", () => {
  for (const make of [envKey, fileKey, symbiontKeyFile, systemdKey, keychainKey, callbackKey])
    expectTypeOf(make).returns.toEqualTypeOf<LocalKeyProvider>();
  expectTypeOf(createFileKey).returns.resolves.toEqualTypeOf<LocalKeyProvider>();
  expectTypeOf(createKeychainKey).returns.resolves.toEqualTypeOf<LocalKeyProvider>();
  expectTypeOf<LocalKeyProvider>().toExtend<KeyProvider>();
});

test("a callback says what it gives", () => {
  type Given = Awaited<ReturnType<Parameters<typeof callbackKey>[1]>>;
  expectTypeOf<Given>().toEqualTypeOf<Uint8Array | KeyMaterial | undefined>();
  // @ts-expect-error text is no key: it must be marked as a passphrase
  callbackKey("prompt", async () => "correct horse battery staple");
});

test("options are closed", () => {
  // @ts-expect-error there is no such kind
  envKey("KEY", { kind: "hex" });
  // @ts-expect-error there is no such access
  fileKey("key", { access: "anyone" });
  // @ts-expect-error an account is needed
  keychainKey({ service: "symbiont" });
});
