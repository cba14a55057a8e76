export {
  type ContractCase,
  type ContractSubject,
  type ContractVector,
  presetContract,
} from "./preset-contract.ts";
