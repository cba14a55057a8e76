import { errors, type FakeReply, type FakeRequest } from "./fake-vault.ts";

interface Version {
  data: Record<string, unknown> | null;
  readonly created: string;
  deleted: string;
  destroyed: boolean;
}

interface Entry {
  readonly created: string;
  readonly versions: Version[];
  custom: Record<string, string> | null;
}

/** Version 2 of the KV engine at `secret`, version 1 at `kv1`. */
export class FakeKv {
  readonly entries = new Map<string, Entry>();
  readonly plain = new Map<string, Record<string, unknown>>();
  readonly #clock: { readonly now: number };

  constructor(clock: { readonly now: number }) {
    this.#clock = clock;
  }

  /** Puts an entry there as another program would. */
  put(name: string, data: Record<string, unknown>): void {
    this.#write(name, data);
  }

  deleteSoftly(name: string): void {
    const current = this.entries.get(name)?.versions.at(-1);
    if (current !== undefined) Object.assign(current, { data: null, deleted: this.#time() });
  }

  answer({ method, path, query, body }: FakeRequest): FakeReply | undefined {
    const [mount, branch = "", ...rest] = path.split("/");
    const name = rest.map(decodeURIComponent).join("/");
    if (mount === "kv1") return this.#answerPlain([branch, ...rest].map(decodeURIComponent).join("/"), query);
    if (mount !== "secret" || (branch !== "data" && branch !== "metadata")) return undefined;
    if (query.get("list") === "true") return this.#list(this.entries, name);
    const entry = this.entries.get(name);
    switch (`${method} ${branch}`) {
      case "GET data":
        return this.#read(entry, Number(query.get("version") ?? 0));
      case "POST data":
      case "PATCH data":
        return this.#update(name, method, body);
      case "GET metadata":
        return entry === undefined ? errors(404) : { status: 200, json: { data: describe(entry) } };
      case "POST metadata":
        if (entry === undefined)
          this.entries.set(name, { created: this.#time(), versions: [], custom: null });
        return { status: 204 };
      case "PATCH metadata":
        return patchCustom(entry, body.custom_metadata);
      case "DELETE metadata":
        this.entries.delete(name);
        return { status: 204 };
      default:
        return errors(405);
    }
  }

  #answerPlain(name: string, query: URLSearchParams): FakeReply {
    if (query.get("list") === "true") return this.#list(this.plain, name);
    const data = this.plain.get(name);
    return data === undefined ? errors(404) : { status: 200, json: { data } };
  }

  #read(entry: Entry | undefined, wanted: number): FakeReply {
    const number = wanted === 0 ? (entry?.versions.length ?? 0) : wanted;
    const version = entry?.versions[number - 1];
    if (entry === undefined || version === undefined) return errors(404);
    const metadata = {
      version: number,
      created_time: version.created,
      deletion_time: version.deleted,
      destroyed: version.destroyed,
      custom_metadata: entry.custom,
    };
    return { status: version.data === null ? 404 : 200, json: { data: { data: version.data, metadata } } };
  }

  #update(name: string, method: string, body: any): FakeReply {
    const entry = this.entries.get(name);
    const current = entry?.versions.length ?? 0;
    if (body.options?.cas !== undefined && body.options.cas !== current)
      return errors(400, "check-and-set parameter did not match the current version");
    if (method === "POST") return this.#write(name, body.data);
    const before = entry?.versions.at(-1)?.data;
    if (before === null || before === undefined) return { status: 404 };
    const after = Object.entries({ ...before, ...body.data }).filter(([, value]) => value !== null);
    return this.#write(name, Object.fromEntries(after));
  }

  #write(name: string, data: Record<string, unknown>): FakeReply {
    const entry = this.entries.get(name) ?? { created: this.#time(), versions: [], custom: null };
    this.entries.set(name, entry);
    entry.versions.push({ data, created: this.#time(), deleted: "", destroyed: false });
    const version = entry.versions.length;
    return {
      status: 200,
      json: { data: { version, created_time: this.#time(), deletion_time: "", destroyed: false } },
    };
  }

  #list(names: ReadonlyMap<string, unknown>, folder: string): FakeReply {
    const prefix = folder === "" ? "" : `${folder}/`;
    const keys = new Set<string>();
    for (const name of names.keys())
      if (name.startsWith(prefix)) keys.add(name.slice(prefix.length).replace(/\/.*$/s, "/"));
    return keys.size === 0 ? errors(404) : { status: 200, json: { data: { keys: [...keys].sort() } } };
  }

  #time(): string {
    return new Date(this.#clock.now).toISOString();
  }
}

function describe({ created, versions, custom }: Entry): object {
  return {
    created_time: created,
    current_version: versions.length,
    custom_metadata: custom,
    versions: Object.fromEntries(
      versions.map(({ created: created_time, deleted: deletion_time, destroyed }, index) => [
        String(index + 1),
        { created_time, deletion_time, destroyed },
      ]),
    ),
  };
}

// With the limits of the real one.
function patchCustom(entry: Entry | undefined, patch: Record<string, string | null>): FakeReply {
  if (entry === undefined) return { status: 404 };
  const members = Object.entries({ ...entry.custom, ...patch }).filter(
    (member): member is [string, string] => member[1] !== null,
  );
  if (members.length > 64 || members.some(([name, value]) => name.length > 128 || value.length > 512))
    return errors(400, "custom_metadata validation failed");
  entry.custom = Object.fromEntries(members);
  return { status: 204 };
}
