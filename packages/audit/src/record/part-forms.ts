import { dataText } from "./data-text.ts";
import { shortText } from "./fitting-data.ts";
import { omitted, quoteText } from "./plain-object.ts";
import type { RecordParts } from "./record-parts.ts";
import { RememberedText } from "./remembered-text.ts";

/** How the parts of a record besides its data are written as canonical JSON; "" when one does not fit. None of it throws. */
export interface PartForm {
  /** @param memory of what this part was before. */
  text(value: unknown, memory: RememberedText): string;
  /** An object with two members that matter, named in canonical order. */
  value(value: unknown, first: string, second: string): string;
  policy(value: unknown): string;
}

/** The parts as canonical JSON; undefined for those there are not. */
export type WrittenParts = Readonly<
  Record<"id" | "kind", string> & Record<"act" | "key" | "err" | "pol" | "res" | "trace", string | undefined>
>;

const MOST_UNITS = 65_535;
const MAX_DEPTH = 60;
/** Twenty-five such texts fit into a record, however many bytes each of their units takes. */
const SHORT_UNITS = 256;
const SHORT_RULES = 12;

/** All that was given. */
export const WHOLE: PartForm = {
  text: (value, memory) => (typeof value === "string" && memory.of(value)) || whole(value),
  value: whole,
  policy: whole,
};

/** The members that have a meaning, and of each the beginning. */
export const SHORT: PartForm = {
  text: short,
  value: (value, first, second) => shortMembers(value, [first, second]),
  policy: (value) => shortMembers(value, ["code", "engine", "rules", "set"]),
};

const MEMORY = {
  act: new RememberedText(""),
  id: new RememberedText(""),
  key: new RememberedText(""),
  kind: new RememberedText(""),
};

/** Writes the parts of a record; undefined when one does not fit. */
export function writtenParts(record: RecordParts, form: PartForm): WrittenParts | undefined {
  const { action, actor, error, policy, resource, trace } = record;
  const written = {
    act: action === undefined ? undefined : form.text(action, MEMORY.act),
    id: form.text(actor.id, MEMORY.id),
    key: actor.key === undefined ? undefined : form.text(actor.key, MEMORY.key),
    kind: form.text(actor.kind, MEMORY.kind),
    err: error === undefined ? undefined : form.value(error, "code", "name"),
    pol: policy === undefined ? undefined : form.policy(policy),
    res: resource === undefined ? undefined : form.value(resource, "id", "kind"),
    trace: trace === undefined ? undefined : form.value({ s: trace.spanId, t: trace.traceId }, "s", "t"),
  };
  const { act, id, key, kind, err, pol, res } = written;
  if (act === "" || id === "" || key === "" || kind === "") return undefined;
  return err === "" || pol === "" || res === "" || written.trace === "" ? undefined : written;
}

function whole(value: unknown): string {
  if (typeof value === "string") return value.length > MOST_UNITS ? "" : quoteText(value);
  return dataText(value, { maxUnits: MOST_UNITS, maxDepth: MAX_DEPTH }) ?? "";
}

function short(value: unknown): string {
  if (typeof value === "string") return shortText(value, SHORT_UNITS);
  return dataText(value, { maxUnits: SHORT_UNITS, maxDepth: MAX_DEPTH }) ?? omitted("size");
}

function shortList(values: readonly unknown[]): string {
  const first = values.slice(0, SHORT_RULES).map(short);
  const more = values.length > SHORT_RULES ? [`"… [${values.length} in all]"`] : [];
  return `[${[...first, ...more].join(",")}]`;
}

/** @param names in canonical order. */
function shortMembers(value: unknown, names: readonly string[]): string {
  try {
    const members = value as Readonly<Record<string, unknown>>;
    const parts = names
      .map((name) => [name, members[name]] as const)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `"${name}":${Array.isArray(member) ? shortList(member) : short(member)}`);
    return `{${parts.join(",")}}`;
  } catch {
    return omitted("unreadable");
  }
}
