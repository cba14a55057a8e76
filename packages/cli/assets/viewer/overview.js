import { AGENT, decisions, OUT, rows, status, text } from "./data.js";
import { byId, el, number, visible } from "./dom.js";

export function showStatus() {
  const place = byId("status");
  const { ok } = status;
  const open = ok ? status.open.length : 0;
  const unsigned = ok ? status.records - status.signedRecords : 0;
  place.className = ok ? (open > 0 || unsigned > 0 || status.anchors === 0 ? "care" : "good") : "bad";
  const facts = ok
    ? [
        `${number.format(status.signedRecords)} of ${number.format(status.records)} records under a signed checkpoint`,
        status.anchors > 0
          ? `agrees with ${status.anchors} ${status.anchors === 1 ? "checkpoint" : "checkpoints"} kept elsewhere`
          : "no checkpoint kept elsewhere was given",
        open > 0 ? `attempts without an outcome: ${number.format(open)}` : "every attempt has its outcome",
        status.prunedRecords > 0 ? `${number.format(status.prunedRecords)} pruned, on record` : "",
        status.late > 0 ? `${number.format(status.late)} written late` : "",
      ]
    : [status.record === null ? "" : `at record ${status.record}`, status.code];
  const list = facts.filter((fact) => fact !== "").map((fact) => el("span", {}, fact));
  if (ok) list.push(el("span", {}, "root ", el("code", {}, status.root)));
  place.append(
    el("div", { class: "badge", "aria-hidden": "true" }, ok ? (place.className === "good" ? "✓" : "!") : "✕"),
    el(
      "div",
      { class: "status-body" },
      el("strong", {}, ok ? "The chain is whole" : `The journal does not verify: ${visible(status.message)}`),
      el("p", { class: "facts" }, ...list),
    ),
  );
  byId("origin").textContent =
    `${ok ? `${visible(status.origin)} · ` : ""}${ok ? "verified" : "checked"} ${status.checked.slice(0, 19).replace("T", " ")} UTC`;
}

export function showCards() {
  const count = (outcome) => decisions.filter((row) => text(row, OUT) === outcome).length;
  const cards = [
    ["", "Calls and decisions", decisions.length],
    ["ok", "Completed", count("success")],
    ["denied", "Denied", count("denied")],
    ["failed", "Failed", count("failure")],
    ["", "Agents", new Set(decisions.map((row) => row[AGENT])).size],
    ["", "Records", rows.length],
  ];
  byId("cards").append(
    ...cards.map(([kind, label, value]) =>
      el(
        "div",
        { class: `card ${kind}` },
        el("div", { class: "number" }, number.format(value)),
        el("div", { class: "label" }, label),
      ),
    ),
  );
}
