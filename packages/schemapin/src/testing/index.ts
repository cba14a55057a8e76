export { type TrustLedgerCase, trustLedgerContract } from "./trust-ledger-contract.ts";
