export { type RateStoreCase, rateStoreContract } from "./store-contract.ts";
