export { type ContractCase, pinStoreContract } from "./pin-store-contract.ts";
export { type TrustLedgerCase, trustLedgerContract } from "./trust-ledger-contract.ts";
