import { decodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { KeyMaterial, LocalKeyProvider } from "../../key-provider.ts";
import { type VaultBackendOptions, vaultBackend } from "../../vault/vault-backend.ts";
import type { VaultClient } from "../../vault/vault-client.ts";
