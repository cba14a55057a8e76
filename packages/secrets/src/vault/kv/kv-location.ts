import { checkedPath, nameSegments } from "../internal/vault-path.ts";
import { checkedField, type KvFieldOptions } from "./kv-field.ts";

/** Where secrets are in a Vault. */
export interface KvOptions extends KvFieldOptions {
  /** Where the KV engine is mounted. Default `secret`. */
  readonly mount?: string;
  /**
   * Path below the mount that all names begin at, for example `agents/<id>/secrets` as Symbiont has it. Default the
   * mount itself.
   */
  readonly prefix?: string;
}

/** Checked options of a KV mount. */
export class KvLocation {
  readonly #mount: readonly string[];
  readonly #prefix: readonly string[];
  readonly field: KvFieldOptions;

  /** @throws TypeError for a wrong option. */
  constructor(options: KvOptions) {
    checkedField(options);
    this.#mount = checkedPath("mount", options.mount ?? "secret");
    const prefix = options.prefix ?? "";
    this.#prefix = prefix === "" ? [] : checkedPath("prefix", prefix);
    this.field = options;
  }

  /**
   * Path of a secret in one of the mount's branches.
   *
   * Differs from Symbiont: segments are checked and escaped, so that no name leaves the prefix.
   * @param branch `data`, `metadata`; empty for version 1 of the engine.
   */
  path(branch: readonly string[], name: string): readonly string[] {
    return this.folder(branch, nameSegments(name));
  }

  /** Path of a folder below the prefix. */
  folder(branch: readonly string[], segments: readonly string[]): readonly string[] {
    return [...this.#mount, ...branch, ...this.#prefix, ...segments];
  }
}
