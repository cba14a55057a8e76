import { ACTION, AGENT, ATTEMPT, CODE, DETAIL, OUT, RULES, SEQ, TIME, TOOL, TYPE, text } from "./data.js";
import { clock, el, number, visible } from "./dom.js";

export const OUTCOMES = {
  success: "completed",
  failure: "failed",
  denied: "denied",
  attempt: "attempt",
  info: "info",
};
export const KNOWN = new Set(Object.keys(OUTCOMES));

export function showRecord(row, back) {
  const pairs = [
    ["Time", `${clock(row[TIME])} UTC`],
    ["Type", text(row, TYPE)],
    ["Outcome", OUTCOMES[text(row, OUT)] ?? text(row, OUT)],
    ["Agent", text(row, AGENT)],
    ["Action", text(row, ACTION)],
    ["Tool", text(row, TOOL)],
    ["Code", text(row, CODE)],
    ["Rules", text(row, RULES)],
    ["Attempt", row[ATTEMPT] < 0 ? "" : `record ${number.format(row[ATTEMPT])}`],
  ].filter(([, value]) => value !== "");
  const close = el("button", { type: "button", onclick: () => dialog.close() }, "Close");
  const detail = pretty(row[DETAIL]);
  const dialog = el(
    "dialog",
    { "aria-labelledby": "record-title" },
    el("h2", { id: "record-title" }, `Record ${number.format(row[SEQ])}`),
    el("dl", {}, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, visible(value))])),
    ...(detail === "" ? [] : [el("pre", { tabindex: "0", "aria-label": "Recorded data" }, detail)]),
    el("div", { class: "actions" }, close),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    back.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}

export function pretty(detail) {
  try {
    return detail === ""
      ? ""
      : JSON.stringify(JSON.parse(detail), undefined, 2).split("\n").map(visible).join("\n");
  } catch {
    return visible(detail);
  }
}
