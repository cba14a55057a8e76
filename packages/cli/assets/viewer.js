// The page of `symbiont audit report`. Data is only ever set as text; nothing is fetched, nothing is written as markup.
"use strict";
(() => {
  const ROW_HEIGHT = 34;
  const BUCKETS = 72;
  const LONGEST_TABLE = 8;
  const [SEQ, TIME, TYPE, OUT, AGENT, ACTION, TOOL, CODE, RULES, ATTEMPT, DETAIL] = Array.from(
    { length: 11 },
    (_, index) => index,
  );
  const { texts, rows, status } = JSON.parse(document.getElementById("data").textContent);
  const text = (row, column) => texts[row[column]];
  const number = new Intl.NumberFormat("en-US");
  const byId = (id) => document.getElementById(id);
  const filter = { words: "", outcome: "", agent: "", tool: "", code: "", from: -1, to: -1 };
  let shown = [];
  let current = 0;

  /** An element with text in it. */
  function el(name, properties, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (key === "class") made.className = value;
      else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  function svg(name, properties, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /** As text that shows where something invisible stands, so that a record cannot look like another one. */
  function visible(value) {
    return value.replace(
      /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu,
      (one) => `\\u{${one.codePointAt(0).toString(16)}}`,
    );
  }

  function clock(ms) {
    return new Date(ms).toISOString().replace("T", " ").slice(0, 23);
  }

  /** The same, in parts of which a narrow screen leaves out two. */
  function timeParts(ms) {
    const time = clock(ms);
    return [
      el("span", { class: "wide" }, time.slice(0, 5)),
      time.slice(5, 19),
      el("span", { class: "wide" }, time.slice(19)),
    ];
  }

  // A call is an attempt and its outcome: totals and tables count what came of calls, each once.
  const decisions = rows.filter((row) => ["success", "failure", "denied"].includes(text(row, OUT)));

  function showStatus() {
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
          open > 0 ? `${number.format(open)} attempts without an outcome` : "every attempt has its outcome",
          status.prunedRecords > 0 ? `${number.format(status.prunedRecords)} pruned, on record` : "",
          status.late > 0 ? `${number.format(status.late)} written late` : "",
        ]
      : [status.record === null ? "" : `at record ${status.record}`, status.code];
    const list = facts.filter((fact) => fact !== "").map((fact) => el("span", {}, fact));
    if (ok) list.push(el("span", {}, "root ", el("code", {}, status.root)));
    place.append(
      el(
        "div",
        { class: "badge", "aria-hidden": "true" },
        ok ? (place.className === "good" ? "✓" : "!") : "✕",
      ),
      el(
        "div",
        { class: "status-body" },
        el(
          "strong",
          {},
          ok ? "The chain is whole" : `The journal does not verify: ${visible(status.message)}`,
        ),
        el("p", { class: "facts" }, ...list),
      ),
    );
    byId("origin").textContent =
      `${ok ? `${visible(status.origin)} · ` : ""}verified ${status.checked.slice(0, 19).replace("T", " ")} UTC`;
  }

  function showCards() {
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

  function showTimeline() {
    const place = byId("timeline");
    if (decisions.length === 0) return void place.append(el("p", { class: "empty" }, "Nothing was decided."));
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
        const isChosen = filter.from === from;
        filter.from = isChosen ? -1 : from;
        filter.to = isChosen ? -1 : to;
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
    refreshers.push(() => {
      for (const group of groups) {
        const isChosen = group.from === filter.from;
        group.classList.toggle("chosen", isChosen);
        group.setAttribute("aria-pressed", String(isChosen));
      }
    });
  }

  const refreshers = [];

  /** A table of what is counted under one column; its names filter the records. */
  function showTable(id, { column, name, only, columns, key }) {
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
    if (sorted.length === 0) return void place.append(el("p", { class: "empty" }, "None."));
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

  const controls = {};

  function showFilters() {
    const options = (column) =>
      [...new Set(rows.map((row) => row[column]))]
        .map((index) => texts[index])
        .filter((value) => value !== "")
        .sort()
        .slice(0, 2_000);
    const select = (key, label, values, shownAs = (value) => value) => {
      const control = el(
        "select",
        { "aria-label": label, onchange: (event) => set(key, event.target.value) },
        el("option", { value: "" }, label),
      );
      for (const value of values)
        control.append(el("option", { value }, visible(shownAs(value)).slice(0, 80)));
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

  function set(key, value) {
    filter[key] = value;
    if (controls[key] !== undefined && document.activeElement !== controls[key]) controls[key].value = value;
    update();
  }

  function reset() {
    Object.assign(filter, { words: "", outcome: "", agent: "", tool: "", code: "", from: -1, to: -1 });
    for (const key of ["words", "outcome", "agent", "tool", "code"]) controls[key].value = "";
    update();
  }

  const lowered = texts.map((one) => one.toLowerCase());

  /** The numbers of texts that hold the words: looked for once in each text, and not in each record. */
  function matching() {
    if (filter.words === "") return undefined;
    return new Set(lowered.flatMap((one, index) => (one.includes(filter.words) ? [index] : [])));
  }

  function update() {
    const words = matching();
    const indexOf = (value) => (value === "" ? -1 : texts.indexOf(value));
    const [outcome, agent, tool, code] = [filter.outcome, filter.agent, filter.tool, filter.code].map(
      indexOf,
    );
    shown = rows.filter((row) => {
      if (filter.outcome !== "" && row[OUT] !== outcome) return false;
      if (filter.agent !== "" && row[AGENT] !== agent) return false;
      if (filter.tool !== "" && row[TOOL] !== tool) return false;
      if (filter.code !== "" && row[CODE] !== code) return false;
      if (filter.from >= 0 && !(row[TIME] >= filter.from && row[TIME] < filter.to)) return false;
      if (words === undefined) return true;
      for (let column = TYPE; column <= RULES; column += 1) if (words.has(row[column])) return true;
      return row[DETAIL].toLowerCase().includes(filter.words) || String(row[SEQ]) === filter.words;
    });
    shown.reverse();
    current = 0;
    const isFiltered = Object.values(filter).some((value) => value !== "" && value !== -1);
    controls.reset.disabled = !isFiltered;
    byId("count").textContent = isFiltered
      ? `${number.format(shown.length)} of ${number.format(rows.length)} records, newest first`
      : `${number.format(rows.length)} records, newest first`;
    for (const refresh of refreshers) refresh();
  }

  /** Only the rows that can be seen are in the document. */
  function showList() {
    const spacer = el("div", { class: "spacer", role: "rowgroup" });
    const viewport = el("div", { class: "viewport", tabindex: "0", role: "presentation" }, spacer);
    const titles = ["Record", "Time (UTC)", "Outcome", "Agent", "Tool or action", "Code and rules"];
    const head = el(
      "div",
      { role: "rowgroup" },
      el(
        "div",
        { class: "row head", role: "row", "aria-rowindex": "1" },
        ...titles.map((title) => el("div", { role: "columnheader" }, title)),
      ),
    );
    const grid = el(
      "div",
      { class: "grid", role: "grid", "aria-label": "Records", "aria-readonly": "true", "aria-colcount": "6" },
      head,
      viewport,
    );
    byId("list").append(grid);
    const draw = () => {
      grid.setAttribute("aria-rowcount", String(shown.length + 1));
      spacer.style.height = `${shown.length * ROW_HEIGHT}px`;
      const first = Math.max(0, Math.floor(viewport.scrollTop / ROW_HEIGHT) - 10);
      const count = Math.ceil(viewport.clientHeight / ROW_HEIGHT) + 20;
      const visibleRows = shown
        .slice(first, first + count)
        .map((row, index) => rowElement(row, first + index));
      spacer.replaceChildren(
        ...(shown.length === 0
          ? [el("p", { class: "empty" }, "No record fits these filters.")]
          : visibleRows),
      );
    };
    const move = (to) => {
      current = Math.max(0, Math.min(shown.length - 1, to));
      const top = current * ROW_HEIGHT;
      if (top < viewport.scrollTop) viewport.scrollTop = top;
      if (top + ROW_HEIGHT > viewport.scrollTop + viewport.clientHeight)
        viewport.scrollTop = top + ROW_HEIGHT - viewport.clientHeight;
      draw();
      viewport.setAttribute("aria-activedescendant", `row-${current}`);
    };
    let isDrawing = false;
    viewport.addEventListener("scroll", () => {
      if (isDrawing) return;
      isDrawing = true;
      requestAnimationFrame(() => {
        isDrawing = false;
        draw();
      });
    });
    viewport.addEventListener("keydown", (event) => {
      const page = Math.floor(viewport.clientHeight / ROW_HEIGHT);
      const target = {
        ArrowDown: current + 1,
        ArrowUp: current - 1,
        PageDown: current + page,
        PageUp: current - page,
        Home: 0,
        End: shown.length - 1,
      }[event.key];
      if (target !== undefined) {
        event.preventDefault();
        move(target);
      }
      if (event.key === "Enter" && shown[current] !== undefined) {
        event.preventDefault(); // the key would go on to the button that gets the focus, and close what it opened
        showRecord(shown[current], viewport);
      }
    });
    spacer.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row === null) return;
      move(Number(row.id.slice(4)));
      showRecord(shown[current], viewport);
    });
    refreshers.push(() => {
      viewport.scrollTop = 0;
      draw();
    });
    addEventListener("resize", draw);
  }

  function rowElement(row, index) {
    const outcome = text(row, OUT);
    const code = [text(row, CODE), text(row, RULES)].filter((one) => one !== "").join(" · ");
    const cells = [
      el("div", { role: "gridcell", class: "seq" }, number.format(row[SEQ])),
      el("div", { role: "gridcell", class: "time" }, ...timeParts(row[TIME])),
      el(
        "div",
        { role: "gridcell" },
        el(
          "span",
          { class: `tag ${KNOWN.has(outcome) ? outcome : "info"}` },
          OUTCOMES[outcome] ?? visible(outcome),
        ),
      ),
      el("div", { role: "gridcell" }, visible(text(row, AGENT))),
      el("div", { role: "gridcell" }, visible(text(row, TOOL) || text(row, ACTION) || text(row, TYPE))),
      el("div", { role: "gridcell", class: "mono" }, visible(code)),
    ];
    const made = el(
      "div",
      {
        class: index === current ? "row current" : "row",
        role: "row",
        id: `row-${index}`,
        "aria-rowindex": String(index + 2),
        "aria-selected": String(index === current),
      },
      ...cells,
    );
    made.style.top = `${index * ROW_HEIGHT}px`;
    return made;
  }

  const OUTCOMES = {
    success: "completed",
    failure: "failed",
    denied: "denied",
    attempt: "attempt",
    info: "info",
  };
  const KNOWN = new Set(Object.keys(OUTCOMES));

  function showRecord(row, back) {
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

  function pretty(detail) {
    try {
      return detail === ""
        ? ""
        : JSON.stringify(JSON.parse(detail), undefined, 2).split("\n").map(visible).join("\n");
    } catch {
      return visible(detail);
    }
  }

  showStatus();
  showCards();
  showTimeline();
  showTable("rules", {
    column: CODE,
    name: "Code · rules",
    only: "denied",
    columns: [["Calls", "all"]],
    key: "code",
  });
  const outcomes = [
    ["Calls", "all"],
    ["Denied", "denied"],
    ["Failed", "failure"],
  ];
  showTable("agents", { column: AGENT, name: "Agent", columns: outcomes, key: "agent" });
  showTable("tools", { column: TOOL, name: "Tool", columns: outcomes, key: "tool" });
  showFilters();
  showList();
  update();
})();
