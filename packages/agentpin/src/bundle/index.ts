export { type BuildTrustBundleOptions, buildTrustBundle } from "./build-trust-bundle.ts";
export { TrustBundle, type TrustBundleOptions } from "./trust-bundle.ts";
