import { decisions, OUT, RULES, text } from "./data.js";
import { byId, el, number, visible } from "./dom.js";
import { set } from "./filters.js";

export const LONGEST_TABLE = 8;

/** A table of what is counted under one column; its names filter the records. */
export function showTable(id, { column, name, only, columns, key }) {
  const counts = new Map();
  for (const row of decisions) {
    if (only !== undefined && text(row, OUT) !== only) continue;
    const value = text(row, column);
    if (value === "") continue;
    const entry = counts.get(value) ?? { all: 0, denied: 0, failure: 0, rules: new Set() };
    entry.all += 1;
    if (text(row, OUT) === "denied") entry.denied += 1;
    if (text(row, OUT) === "failure") entry.failure += 1;
    if (entry.rules.size < 20 && text(row, RULES) !== "") entry.rules.add(text(row, RULES));
    counts.set(value, entry);
  }
  const sorted = [...counts].sort(([, one], [, other]) => other.all - one.all);
  const place = byId(id);
  if (sorted.length === 0) {
    place.append(el("p", { class: "empty" }, "None."));
    return;
  }
  const cell = (value) => el("td", value === 0 ? { class: "zero" } : {}, number.format(value));
  const body = sorted.slice(0, LONGEST_TABLE).map(([value, entry]) => {
    const rules = [...entry.rules].join(", ");
    const label =
      rules === "" || columns.length > 1 ? visible(value) : `${visible(value)} · ${visible(rules)}`;
    const pick = el(
      "button",
      { class: "pick", type: "button", title: label, onclick: () => set(key, value) },
      label,
    );
    return el("tr", {}, el("td", {}, pick), ...columns.map(([, member]) => cell(entry[member])));
  });
  place.append(
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, name),
          ...columns.map(([title]) => el("th", { scope: "col" }, title)),
        ),
      ),
      el("tbody", {}, ...body),
    ),
  );
  if (sorted.length > LONGEST_TABLE)
    place.append(el("p", { class: "more" }, `and ${number.format(sorted.length - LONGEST_TABLE)} more`));
}
