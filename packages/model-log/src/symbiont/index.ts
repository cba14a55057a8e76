export { type MigrateSymbiontLogOptions, migrateSymbiontLog } from "./migrate-symbiont-log.ts";
export {
  readSymbiontLog,
  type SymbiontEntry,
  type SymbiontEnvelope,
  type SymbiontLog,
} from "./read-symbiont-log.ts";
