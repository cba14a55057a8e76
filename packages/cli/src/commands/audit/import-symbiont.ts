import { Journal } from "@symbiont/audit";
import {
  importSymbiontChain,
  importSymbiontLog,
  type SymbiontChainOptions,
  verifyCriticChain,
  verifySessionTranscript,
} from "@symbiont/audit/symbiont";
import { importPublicKeyRaw } from "@symbiont/keys";
import { decodeHex, type JsonObject, type JsonValue } from "@symbiont/kit";
import { createRedactor } from "@symbiont/redact";
import { readJson, readLinesOf } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { ownJournal } from "./own-journal.ts";

/** The options of `audit import-symbiont`. */
export interface ImportOptions {
  readonly config: string;
  readonly source?: string;
  readonly publicKey?: string;
  readonly length?: string;
  readonly head?: string;
  readonly verifyOnly?: boolean;
  readonly errorMessages?: boolean;
}

const LOGS = ["secret_audit", "approval", "mode_b"] as const;
const CHAINS = ["critic", "transcript"] as const;

/** `audit import-symbiont`: into the configuration's journal, because every entry is recorded and signed. */
export async function importFromSymbiont(
  options: ImportOptions,
  task: Task,
  kind = "",
  file = "",
): Promise<Answer> {
  const chain = CHAINS.find((name) => name === kind);
  if (chain !== undefined) return importChain(chain, options, { task, file });
  const log = LOGS.find((name) => name === kind);
  if (log === undefined) throw new UsageError(`the kind must be one of ${[...CHAINS, ...LOGS].join(", ")}`);
  if (options.verifyOnly === true) throw new UsageError("logs have no chain: there is nothing to verify");
  const lines = readLinesOf(file, task);
  const redactor = createRedactor();
  const { errorMessages = false } = options;
  return intoJournal(options, task, async (journal, source) =>
    importSymbiontLog(journal, log, { lines, source, redactor, errorMessages }),
  );
}

async function importChain(
  kind: (typeof CHAINS)[number],
  options: ImportOptions,
  { task, file }: { readonly task: Task; readonly file: string },
): Promise<Answer> {
  const expected = expectedChain(options);
  const entries = entriesOf(await readJson(file, task), file);
  if (options.verifyOnly === true) {
    const verify = kind === "critic" ? verifyCriticChain : verifySessionTranscript;
    verify(entries, expected);
    const text = `${entries.length} entries, all of them chained and signed`;
    return { data: { ok: true, verified: entries.length }, lines: [["ok", text]] };
  }
  return intoJournal(options, task, async (journal, source) => {
    const receipts = await importSymbiontChain(journal, kind, { ...expected, entries, source });
    return receipts.length;
  });
}

function expectedChain({ publicKey, length, head }: ImportOptions): SymbiontChainOptions {
  if (publicKey === undefined || !/^[0-9a-f]{64}$/.test(publicKey))
    throw new UsageError("--public-key must be the chain's Ed25519 key, 64 hexadecimal digits");
  if (length === undefined || !/^\d{1,9}$/.test(length))
    throw new UsageError(
      "--length must say how many entries there must be: a cut chain looks like a whole one",
    );
  if (head === undefined || !/^[0-9a-f]{64}$/.test(head))
    throw new UsageError("--head must be the chain_hash of the newest entry, 64 hexadecimal digits");
  return {
    publicKey: importPublicKeyRaw("Ed25519", decodeHex(publicKey)),
    expectedLength: Number(length),
    expectedHead: head,
  };
}

function entriesOf(json: JsonValue, file: string): readonly JsonObject[] {
  if (!Array.isArray(json) || !json.every(isEntry))
    throw new UsageError(`${file} must be a list of the chain's entries, as JSON`);
  return json;
}

function isEntry(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function intoJournal(
  { config, source }: ImportOptions,
  task: Task,
  run: (journal: Journal, source: string) => Promise<number>,
): Promise<Answer> {
  if (source === undefined) throw new UsageError("--source must say whose entries they are");
  const { directory, options } = await ownJournal(config, task);
  const journal = await Journal.open(directory, options);
  let imported: number;
  try {
    imported = await run(journal, source);
  } finally {
    await journal.close();
  }
  return { data: { ok: true, imported }, lines: [["ok", `${imported} entries of ${source} are on record`]] };
}
