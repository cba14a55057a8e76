import { decisions, OUT, state, TIME, text } from "./data.js";
import { byId, clock, el, number, svg } from "./dom.js";
import { update } from "./filters.js";

export const BUCKETS = 72;

export function showTimeline() {
  const place = byId("timeline");
  if (decisions.length === 0) {
    place.append(el("p", { class: "empty" }, "Nothing was decided."));
    return;
  }
  const first = decisions[0][TIME];
  const last = decisions.at(-1)[TIME];
  const span = Math.max(1, last - first + 1);
  const buckets = Array.from({ length: BUCKETS }, () => ({ success: 0, denied: 0, failure: 0 }));
  for (const row of decisions)
    buckets[Math.min(BUCKETS - 1, Math.floor(((row[TIME] - first) / span) * BUCKETS))][text(row, OUT)] += 1;
  const most = Math.max(...buckets.map(({ success, denied, failure }) => success + denied + failure));
  const chart = svg("svg", {
    viewBox: `0 0 ${BUCKETS * 10} 100`,
    preserveAspectRatio: "none",
    role: "group",
    "aria-label": "Decisions over time; choose a bar to see its records",
  });
  const groups = buckets.map((bucket, index) => {
    const from = first + (span * index) / BUCKETS;
    const to = first + (span * (index + 1)) / BUCKETS;
    let top = 100;
    const bars = ["success", "failure", "denied"].map((outcome) => {
      const height = (bucket[outcome] / most) * 98;
      top -= height;
      return svg("rect", { class: `s-${outcome}`, x: index * 10 + 1, y: top, width: 8, height });
    });
    const total = bucket.success + bucket.denied + bucket.failure;
    const label = `${clock(from).slice(0, 19)}: ${bucket.success} completed, ${bucket.denied} denied, ${bucket.failure} failed`;
    const group = svg(
      "g",
      {
        class: "bucket",
        role: "button",
        tabindex: total > 0 ? "0" : "-1",
        "aria-label": label,
        "aria-pressed": "false",
      },
      svg("rect", { class: "zone", x: index * 10, y: 0, width: 10, height: 100 }),
      ...bars,
    );
    const title = svg("title", {});
    title.textContent = label;
    group.prepend(title);
    const choose = () => {
      const isChosen = state.filter.from === from;
      state.filter.from = isChosen ? -1 : from;
      state.filter.to = isChosen ? -1 : to;
      update();
    };
    group.addEventListener("click", choose);
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose();
      }
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step !== undefined) groups[index + step]?.focus();
    });
    group.from = from;
    return group;
  });
  chart.append(...groups);
  place.append(
    chart,
    el(
      "div",
      { class: "axis" },
      el("span", {}, `${clock(first).slice(0, 19)} UTC`),
      el("span", {}, `${clock(last).slice(0, 19)} UTC`),
    ),
    el(
      "p",
      { class: "legend" },
      el("span", { class: "l-success" }, "completed"),
      el("span", { class: "l-denied" }, "denied"),
      el("span", { class: "l-failure" }, "failed"),
    ),
  );
  byId("timeline-hint").textContent =
    `at most ${number.format(most)} in a bar; choose one to see its records`;
  state.refreshers.push(() => {
    for (const group of groups) {
      const isChosen = group.from === state.filter.from;
      group.classList.toggle("chosen", isChosen);
      group.setAttribute("aria-pressed", String(isChosen));
    }
  });
}
