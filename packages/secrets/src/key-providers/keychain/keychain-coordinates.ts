// Apart from the native module: its types must not be needed to read ours, as it is optional.

/** Where an entry stands in a keychain. */
export interface KeychainCoordinates {
  /** For example the name of the program; Symbiont's is `symbiont`. */
  readonly service: string;
  /** For example the name of the store; Symbiont's is `secrets`. */
  readonly account: string;
}

/** Checks coordinates and copies them. */
export function checkedCoordinates({ service, account }: KeychainCoordinates): KeychainCoordinates {
  for (const [name, value] of Object.entries({ service, account })) {
    if (typeof value !== "string" || !/^[^\p{Cc}\p{Cs}]{1,200}$/u.test(value))
      throw new TypeError(`${name} must be 1 to 200 characters, none of them a control character`);
  }
  return { service, account };
}

/** Id of the provider of an entry. */
export function keychainId({ service, account }: KeychainCoordinates): string {
  return `keychain:${service}/${account}`;
}
