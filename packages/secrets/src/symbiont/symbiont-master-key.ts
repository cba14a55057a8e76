import type { KeyMaterial, KeyRequest, LocalKeyProvider } from "../key-provider.ts";
import { envKey } from "../key-providers/env/index.ts";
import { symbiontKeyFile } from "../key-providers/file/index.ts";

/** Where the master key is looked for besides. */
export interface SymbiontMasterKeyOptions {
  /** Asked first. Symbiont's own entry has the service `symbiont` and the account `secrets`. Default nobody. */
  readonly keychain?: LocalKeyProvider;
  /** Where `SYMBIONT_MASTER_KEY` and the places of its file are looked up. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

// Symbiont knows no shortest password.
const AS_TEXT = { kind: "passphrase", minPassphraseLength: 1 } as const;

/**
 * Looks for the master key, as text, where Symbiont's command line does: in the keychain, in `SYMBIONT_MASTER_KEY`,
 * then in its key file. Its id is `symbiont-master-key`.
 *
 * Differs from Symbiont: no key is ever made, and a place that cannot be asked is an error instead of a reason to look
 * on.
 */
export function symbiontMasterKey({
  keychain,
  environment = process.env,
}: SymbiontMasterKeyOptions = {}): LocalKeyProvider {
  const places = [
    ...(keychain === undefined ? [] : [keychain]),
    envKey("SYMBIONT_MASTER_KEY", { ...AS_TEXT, environment }),
    symbiontKeyFile({ ...AS_TEXT, environment }),
  ];
  return { type: "local", id: "symbiont-master-key", load: (request) => firstOf(places, request) };
}

async function firstOf(
  places: readonly LocalKeyProvider[],
  request: KeyRequest,
): Promise<KeyMaterial | undefined> {
  for (const place of places) {
    const material = await place.load(request);
    if (material !== undefined) return material;
  }
  return undefined;
}
