export { type MigrateOptions, type Migration, migrateSecrets } from "./migrate-secrets.ts";
export { openSymbiontEnvelope } from "./open-symbiont-envelope.ts";
export { readSymbiontCliFile } from "./read-symbiont-cli-file.ts";
export { readSymbiontShellStore } from "./read-symbiont-shell-store.ts";
export { readSymbiontStore, type SymbiontFormat, type SymbiontStoreOptions } from "./read-symbiont-store.ts";
export { type SymbiontMasterKeyOptions, symbiontMasterKey } from "./symbiont-master-key.ts";
