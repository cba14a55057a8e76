export type { KeyTextOptions } from "../../internal/key-reader.ts";
export { createKeychainKey } from "./create-keychain-key.ts";
export type { KeychainCoordinates } from "./keychain-coordinates.ts";
export { type KeychainKeyOptions, keychainKey } from "./keychain-key.ts";
