export type { SessionView } from "./session-history.ts";
export { SessionMemory, type SessionMemoryOptions } from "./session-memory.ts";
export { type SessionFactsOptions, withSessionFacts } from "./with-session-facts.ts";
