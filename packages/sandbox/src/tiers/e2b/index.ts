export { type E2bEndpoint, type E2bTier, type E2bTierOptions, e2bTier } from "./e2b-tier.ts";
