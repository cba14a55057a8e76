import { AGENT, CODE, DETAIL, OUT, RULES, rows, SEQ, state, TIME, TOOL, TYPE, texts } from "./data.js";
import { byId, el, number, visible } from "./dom.js";

export const controls = {};

export function showFilters() {
  const options = (column) =>
    [...new Set(rows.map((row) => row[column]))]
      .map((index) => texts[index])
      .filter((value) => value !== "")
      .sort((one, other) => (one < other ? -1 : 1))
      .slice(0, 2_000);
  const select = (key, label, values, shownAs = (value) => value) => {
    const control = el(
      "select",
      { "aria-label": label, onchange: (event) => set(key, event.target.value) },
      el("option", { value: "" }, label),
    );
    for (const value of values) control.append(el("option", { value }, visible(shownAs(value)).slice(0, 80)));
    controls[key] = control;
    return control;
  };
  const search = el("input", {
    type: "search",
    "aria-label": "Search the records",
    placeholder: "Search agent, tool, code, rule, arguments…",
    autocomplete: "off",
    spellcheck: "false",
  });
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => set("words", search.value.toLowerCase()), 120);
  });
  controls.words = search;
  controls.reset = el("button", { type: "button", onclick: reset }, "Clear filters");
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").append(
    search,
    select(
      "outcome",
      "Any outcome",
      ["success", "denied", "failure", "attempt", "info"],
      (value) => ({ success: "completed", failure: "failed" })[value] ?? value,
    ),
    select("agent", "Any agent", options(AGENT)),
    select("tool", "Any tool", options(TOOL)),
    select("code", "Any code", options(CODE)),
    controls.reset,
  );
}

export function set(key, value) {
  state.filter[key] = value;
  if (controls[key] !== undefined && document.activeElement !== controls[key]) controls[key].value = value;
  update();
}

export function reset() {
  Object.assign(state.filter, { words: "", outcome: "", agent: "", tool: "", code: "", from: -1, to: -1 });
  for (const key of ["words", "outcome", "agent", "tool", "code"]) controls[key].value = "";
  update();
}

export const lowered = texts.map((one) => one.toLowerCase());

/** The numbers of texts that hold the words: looked for once in each text, and not in each record. */
export function matching() {
  if (state.filter.words === "") return undefined;
  return new Set(lowered.flatMap((one, index) => (one.includes(state.filter.words) ? [index] : [])));
}

export function update() {
  const words = matching();
  const indexOf = (value) => (value === "" ? -1 : texts.indexOf(value));
  const [outcome, agent, tool, code] = [
    state.filter.outcome,
    state.filter.agent,
    state.filter.tool,
    state.filter.code,
  ].map(indexOf);
  state.shown = rows.filter((row) => {
    if (state.filter.outcome !== "" && row[OUT] !== outcome) return false;
    if (state.filter.agent !== "" && row[AGENT] !== agent) return false;
    if (state.filter.tool !== "" && row[TOOL] !== tool) return false;
    if (state.filter.code !== "" && row[CODE] !== code) return false;
    if (state.filter.from >= 0 && !(row[TIME] >= state.filter.from && row[TIME] < state.filter.to))
      return false;
    if (words === undefined) return true;
    for (let column = TYPE; column <= RULES; column += 1) if (words.has(row[column])) return true;
    return row[DETAIL].toLowerCase().includes(state.filter.words) || String(row[SEQ]) === state.filter.words;
  });
  state.shown.reverse();
  state.current = 0;
  const isFiltered = Object.values(state.filter).some((value) => value !== "" && value !== -1);
  controls.reset.disabled = !isFiltered;
  byId("count").textContent = isFiltered
    ? `${number.format(state.shown.length)} of ${number.format(rows.length)} records, newest first`
    : `${number.format(rows.length)} records, newest first`;
  for (const refresh of state.refreshers) refresh();
}
