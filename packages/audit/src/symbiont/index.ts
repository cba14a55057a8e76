export type { SymbiontChainOptions } from "./chain-entries.ts";
export { verifyCriticChain } from "./critic-chain.ts";
export { importSymbiontChain } from "./import-chain.ts";
export { importSymbiontLog, type SymbiontLog, type SymbiontLogKind } from "./import-log.ts";
export { fromSecretAuditEvent, toSecretAuditLine } from "./secret-audit-event.ts";
export { verifySessionTranscript } from "./session-transcript.ts";
