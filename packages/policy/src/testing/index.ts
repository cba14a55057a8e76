export { approvalStoreContract, type ContractCase } from "./approval-store-contract.ts";
