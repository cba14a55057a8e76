export type { KeyTextOptions } from "../key-reader.ts";
export { createKeychainKey } from "./create-keychain-key.ts";
export { type KeychainKeyOptions, keychainKey } from "./keychain-key.ts";
export type { KeychainCoordinates } from "./keyring-module.ts";
