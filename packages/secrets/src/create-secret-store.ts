import { compareCodePoints, type JsonObject } from "@symbiont/kit";
import type { SecretBackend, SecretWrite, StoredSecret } from "./backend.ts";
import { SecretError } from "./errors.ts";
import { AuditTrail, type AuditTrailOptions, type Outcome } from "./internal/audit-trail.ts";
import { checkedClock } from "./internal/checked-clock.ts";
import { checkedWrite, wholeNumber } from "./internal/checked-write.ts";
import { RotationWatch } from "./internal/rotation-watch.ts";
import { Secret } from "./secret.ts";
import type { SecretMetadata } from "./secret-metadata.ts";
import { checkNamePrefix, checkSecretName } from "./secret-name.ts";
import type {
  CallOptions,
  GetOptions,
  RotateOptions,
  ScopeOptions,
  SecretStore,
  SetOptions,
} from "./store.ts";

const GET_MANY_AT_ONCE = 16;

/** What every kind of store takes. */
export interface SecretStoreOptions extends AuditTrailOptions {
  /** Called once for every version that is read after its `rotateAfter`. Default nobody. */
  readonly onRotationDue?: (metadata: SecretMetadata) => void;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Makes a store of a back end: adds names, scopes, expiry, handles and auditing, the same for every back end.
 * @throws TypeError for a wrong option.
 */
export function createSecretStore(backend: SecretBackend, options: SecretStoreOptions = {}): SecretStore {
  return new BackendStore(backend, {
    prefix: "",
    trail: new AuditTrail(options),
    rotation: new RotationWatch(options.onRotationDue),
    now: checkedClock(options.now),
  });
}

/** Through what one looks at a back end. */
interface View {
  /** Empty, or a name with a final `/`. */
  readonly prefix: string;
  readonly trail: AuditTrail;
  readonly rotation: RotationWatch;
  readonly now: () => number;
}

class BackendStore implements SecretStore {
  readonly #backend: SecretBackend;
  readonly #view: View;

  constructor(backend: SecretBackend, view: View) {
    this.#backend = backend;
    this.#view = view;
  }

  get(name: string, options: GetOptions = {}): Promise<Secret> {
    return this.#access("secret.get", name, async (fullName) => {
      const stored = await this.#find(fullName, name, options);
      this.#assertCurrent(name, stored.metadata, options);
      const { version, rotateAfter } = stored.metadata;
      const secret = await handle(stored, name, version);
      if (rotateAfter !== undefined) await this.#watchRotation(fullName, name, { stored, secrets: [secret] });
      return { result: secret, data: { version }, undo: () => secret.dispose() };
    });
  }

  getAccepted(name: string, options: GetOptions = {}): Promise<readonly Secret[]> {
    return this.#access("secret.get", name, async (fullName) => {
      const stored = await this.#find(fullName, name, options);
      const { metadata } = stored;
      this.#assertCurrent(name, metadata, options);
      const now = this.#view.now();
      const previous = metadata.previous.filter(({ until }) => now < until).map(({ version }) => version);
      const secrets = await handles(stored, name, previous);
      await this.#watchRotation(fullName, name, { stored, secrets });
      const versions = secrets.map(({ version }) => version);
      return { result: secrets, data: { versions }, undo: () => disposeAll(secrets) };
    });
  }

  async getMany(names: readonly string[], options: GetOptions = {}): Promise<ReadonlyMap<string, Secret>> {
    const secrets = new Map<string, Secret>();
    const unique = [...new Set(names)];
    for (let from = 0; from < unique.length; from += GET_MANY_AT_ONCE) {
      const batch = unique.slice(from, from + GET_MANY_AT_ONCE);
      const answers = await Promise.allSettled(batch.map((name) => this.get(name, options)));
      let failure: PromiseRejectedResult | undefined;
      for (const answer of answers) {
        if (answer.status === "rejected") failure ??= answer;
        else secrets.set(answer.value.name, answer.value);
      }
      if (failure === undefined) continue;
      disposeAll(secrets.values());
      throw failure.reason;
    }
    return secrets;
  }

  has(name: string, options: CallOptions = {}): Promise<boolean> {
    return this.#access("secret.has", name, async (fullName) => {
      const stored = await this.#backend.read(fullName, options);
      return { result: stored !== undefined, data: { found: stored !== undefined } };
    });
  }

  metadata(name: string, options: CallOptions = {}): Promise<SecretMetadata> {
    return this.#access("secret.metadata", name, async (fullName) => {
      const { metadata } = await this.#find(fullName, name, options);
      return { result: { ...metadata, name }, data: { version: metadata.version } };
    });
  }

  async list(prefix = "", options: CallOptions = {}): Promise<readonly string[]> {
    let fullPrefix: string;
    try {
      fullPrefix = this.#view.prefix + checkNamePrefix(prefix);
    } catch (error) {
      throw await this.#denied("secret.list", error as SecretError);
    }
    const access = { type: "secret.list", resource: { kind: "secret_prefix", id: fullPrefix } };
    return this.#view.trail.around(access, async () => {
      const fullNames = await this.#backend.list(fullPrefix, options);
      const result = fullNames
        .filter((fullName) => fullName.startsWith(fullPrefix))
        .map((fullName) => fullName.slice(this.#view.prefix.length))
        .sort(compareCodePoints);
      return { result, data: { count: result.length } };
    });
  }

  set(name: string, value: string | Uint8Array, options: SetOptions = {}): Promise<SecretMetadata> {
    return this.#access("secret.set", name, async (fullName) => {
      const write = checkedWrite(name, value, options);
      return written(await this.#write(fullName, name, { write, options }));
    });
  }

  rotate(
    name: string,
    produce: (current: Secret) => string | Uint8Array | Promise<string | Uint8Array>,
    options: RotateOptions,
  ): Promise<SecretMetadata> {
    return this.#access("secret.rotate", name, async (fullName) => {
      this.#assertWritable();
      const graceMs = wholeNumber("graceMs", options.graceMs);
      const stored = await this.#find(fullName, name, options);
      const { metadata } = stored;
      const current = await handle(stored, name, metadata.version);
      let value: string | Uint8Array;
      try {
        value = await produce(current);
      } finally {
        current.dispose();
      }
      const now = this.#view.now();
      const keepPreviousUntil = Math.min(now + graceMs, metadata.expiresAt ?? Number.POSITIVE_INFINITY);
      const write: SecretWrite = {
        ...checkedWrite(name, value, options),
        ifVersion: metadata.version,
        ...(keepPreviousUntil > now && { keepPreviousUntil }),
      };
      return written(await this.#write(fullName, name, { write, options }));
    });
  }

  delete(name: string, options: CallOptions = {}): Promise<boolean> {
    return this.#access("secret.delete", name, async (fullName) => {
      this.#assertWritable();
      const found = (await this.#backend.delete?.(fullName, options)) ?? false;
      return { result: found, data: { found } };
    });
  }

  scope(prefix: string, options: ScopeOptions = {}): SecretStore {
    return new BackendStore(this.#backend, {
      ...this.#view,
      prefix: `${this.#view.prefix}${checkSecretName(prefix)}/`,
      trail: this.#view.trail.as(options.actor),
    });
  }

  async #access<T>(type: string, name: string, work: (fullName: string) => Promise<Outcome<T>>): Promise<T> {
    const { trail } = this.#view;
    let fullName: string;
    try {
      fullName = this.#fullName(name);
    } catch (error) {
      throw await this.#denied(type, error as SecretError);
    }
    return trail.around({ type, resource: { kind: "secret", id: fullName } }, () => work(fullName));
  }

  #fullName(name: string): string {
    const { prefix } = this.#view;
    checkSecretName(name);
    return prefix === "" ? name : checkSecretName(prefix + name);
  }

  /** Records that a name was refused. The name itself may be anything: it stays out of the record. */
  async #denied(type: string, error: SecretError): Promise<SecretError> {
    const { trail, prefix } = this.#view;
    await trail.note({ type, resource: { kind: "secret_prefix", id: prefix } }, "denied", error);
    return error;
  }

  async #find(fullName: string, name: string, options: CallOptions): Promise<StoredSecret> {
    const stored = await this.#backend.read(fullName, options);
    if (stored === undefined)
      throw new SecretError("SECRET_NOT_FOUND", "there is no secret of that name", { secret: name });
    return stored;
  }

  #assertCurrent(name: string, { expiresAt }: SecretMetadata, options: GetOptions): void {
    if (expiresAt !== undefined && expiresAt <= this.#view.now() && options.allowExpired !== true)
      throw new SecretError("SECRET_EXPIRED", "the secret has expired", { secret: name });
  }

  #assertWritable(): void {
    if (this.#backend.write === undefined || this.#backend.delete === undefined)
      throw new SecretError("SECRET_READ_ONLY", `the ${this.#backend.kind} back end cannot be written`);
  }

  async #write(
    fullName: string,
    name: string,
    { write, options }: { readonly write: SecretWrite; readonly options: CallOptions },
  ): Promise<SecretMetadata> {
    try {
      this.#assertWritable();
      const metadata = await this.#backend.write?.(fullName, write, options);
      return { ...(metadata as SecretMetadata), name };
    } finally {
      write.value.fill(0);
    }
  }

  async #watchRotation(
    fullName: string,
    name: string,
    { stored, secrets }: { readonly stored: StoredSecret; readonly secrets: readonly Secret[] },
  ): Promise<void> {
    const { rotation, trail, now } = this.#view;
    const { metadata } = stored;
    if (!rotation.isNews(fullName, metadata, now())) return;
    try {
      await trail.note({ type: "secret.rotation_due", resource: { kind: "secret", id: fullName } }, "info");
      rotation.tell({ ...metadata, name });
    } catch (error) {
      rotation.forget(fullName, metadata);
      disposeAll(secrets);
      throw error;
    }
  }
}

/** A promise only where the back end has to wait: one costs as much as the rest of a read from memory. */
function handle(stored: StoredSecret, name: string, version: number): Secret | Promise<Secret> {
  const value = stored.value(version);
  return value instanceof Promise
    ? value.then((value) => new Secret(name, version, value))
    : new Secret(name, version, value);
}

/** Handles of the current version and of those older ones that the back end still has. */
async function handles(
  stored: StoredSecret,
  name: string,
  older: readonly number[],
): Promise<readonly Secret[]> {
  const secrets = [await handle(stored, name, stored.metadata.version)];
  for (const version of older) {
    try {
      secrets.push(await handle(stored, name, version));
    } catch (error) {
      // Who deletes an older version in the back end wants it accepted no more, and the current one none the less.
      if (SecretError.is(error) && error.code === "SECRET_DELETED") continue;
      disposeAll(secrets);
      throw error;
    }
  }
  return secrets;
}

function disposeAll(secrets: Iterable<Secret>): void {
  for (const secret of secrets) secret.dispose();
}

function written(metadata: SecretMetadata): Outcome<SecretMetadata> {
  const data: JsonObject = { version: metadata.version };
  return { result: metadata, data };
}
