export {
  readSymbiontLog,
  type SymbiontEntry,
  type SymbiontEnvelope,
  type SymbiontLog,
} from "./read-symbiont-log.ts";
