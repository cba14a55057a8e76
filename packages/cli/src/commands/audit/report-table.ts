import type { JsonObject, JsonValue } from "@symbiont/kit";

const LONGEST_DETAIL = 2_000;

/**
 * Records as columns, with each text kept once: a hundred thousand records of a few agents and tools repeat the same
 * words, and the page is a tenth of the journal.
 */
export class ReportTable {
  readonly #texts = new Map<string, number>();
  readonly #rows: (readonly (number | string)[])[] = [];

  get size(): number {
    return this.#rows.length;
  }

  /** Takes one record of the journal. */
  add(record: JsonObject): void {
    const { seq, ts, type, out, actor, act, res, err, pol, of: attempt, data } = record;
    const policy = memberOf(pol, "code");
    this.#rows.push([
      Number(seq),
      typeof ts === "string" ? Date.parse(ts) : 0,
      this.#text(type),
      this.#text(out),
      this.#text(memberOf(actor, "id")),
      this.#text(act),
      this.#text(memberOf(res, "id")),
      this.#text(memberOf(err, "code") ?? policy),
      this.#text(rulesOf(pol)),
      typeof attempt === "number" ? attempt : -1,
      data === undefined ? "" : cut(JSON.stringify(data)),
    ]);
  }

  /** The texts, and for each row the numbers of its texts. */
  columns(): { readonly texts: readonly string[]; readonly rows: readonly (readonly (number | string)[])[] } {
    return { texts: [...this.#texts.keys()], rows: this.#rows };
  }

  #text(value: JsonValue | undefined): number {
    const text = typeof value === "string" ? value : "";
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)[name]
    : undefined;
}

function rulesOf(policy: JsonValue | undefined): string {
  const rules = memberOf(policy, "rules");
  return Array.isArray(rules) ? rules.filter((rule) => typeof rule === "string").join(", ") : "";
}

function cut(text: string): string {
  return text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL)}…` : text;
}
