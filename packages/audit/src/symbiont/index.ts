export type { SymbiontChainOptions } from "./chain-entries.ts";
export { verifyCriticChain } from "./critic-chain.ts";
export { importSymbiontChain } from "./import-chain.ts";
export { verifySessionTranscript } from "./session-transcript.ts";
