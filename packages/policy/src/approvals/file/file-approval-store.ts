import { FilestoreError, readPrivateFile, updateFile } from "@symbiont/filestore";
import { encodeUtf8, type JsonValue, parseJson } from "@symbiont/kit";
import type { ApprovalEntry } from "../approval-entry.ts";
import { ApprovalError } from "../approval-error.ts";
import { checkEntry } from "../approval-json.ts";
import { type ApprovalStore, countEntries, type PendingQuery, selectPending } from "../approval-store.ts";

const MAX_BYTES = 64 * 1024 * 1024;

type Entries = Map<string, ApprovalEntry>;

/**
 * Keeps entries in one private file, a JSON array, replaced as a whole under a lock that all processes of the
 * machine respect. For some hundred open questions; beyond that use a database.
 */
export class FileApprovalStore implements ApprovalStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async get(id: string): Promise<ApprovalEntry | undefined> {
    return (await this.#read()).get(id);
  }

  async put(entry: ApprovalEntry, { ifVersion }: { readonly ifVersion: number }): Promise<void> {
    await this.#update((entries) => {
      if ((entries.get(entry.id)?.version ?? 0) !== ifVersion)
        throw new ApprovalError("APPROVAL_CONFLICT", "the entry was changed by somebody else");
      entries.set(entry.id, entry);
      return true;
    });
  }

  async pending(query: PendingQuery): Promise<readonly ApprovalEntry[]> {
    return selectPending((await this.#read()).values(), query);
  }

  async countPending(principal?: ApprovalEntry["principal"]): Promise<number> {
    return countEntries((await this.#read()).values(), principal);
  }

  async prune(resolvedBefore: number): Promise<void> {
    const isOver = ({ resolvedAt }: ApprovalEntry): boolean =>
      resolvedAt !== undefined && resolvedAt < resolvedBefore;
    // Looked at first without the lock: mostly there is nothing to do.
    if (![...(await this.#read()).values()].some(isOver)) return;
    await this.#update((entries) => {
      for (const entry of entries.values()) if (isOver(entry)) entries.delete(entry.id);
      return true;
    });
  }

  async #read(): Promise<Entries> {
    try {
      return parse((await readPrivateFile(this.#path, { maxBytes: MAX_BYTES })).bytes);
    } catch (error) {
      if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return new Map();
      throw wrap(error);
    }
  }

  async #update(change: (entries: Entries) => boolean): Promise<void> {
    try {
      await updateFile(
        this.#path,
        (file) => {
          const entries: Entries = file === undefined ? new Map() : parse(file.bytes);
          return change(entries) ? encodeUtf8(`${JSON.stringify([...entries.values()])}\n`) : undefined;
        },
        { maxBytes: MAX_BYTES },
      );
    } catch (error) {
      throw wrap(error);
    }
  }
}

function parse(bytes: Uint8Array): Entries {
  let list: JsonValue;
  try {
    list = parseJson(bytes, { maxBytes: MAX_BYTES, reservedNames: [] });
  } catch (cause) {
    throw new ApprovalError("APPROVAL_STORE_CORRUPT", "the file of approvals is not strict JSON", { cause });
  }
  if (!Array.isArray(list))
    throw new ApprovalError("APPROVAL_STORE_CORRUPT", "the file of approvals is not an array");
  const entries: Entries = new Map();
  for (const value of list as readonly JsonValue[]) {
    const entry = checkEntry(value);
    if (entries.has(entry.id))
      throw new ApprovalError("APPROVAL_STORE_CORRUPT", "the file of approvals holds an id twice");
    entries.set(entry.id, entry);
  }
  return entries;
}

function wrap(cause: unknown): ApprovalError {
  if (ApprovalError.is(cause)) return cause;
  const retryable = FilestoreError.is(cause) && cause.retryable;
  const message = "the file of approvals cannot be used";
  return new ApprovalError("APPROVAL_STORE_UNAVAILABLE", message, { cause, retryable });
}
