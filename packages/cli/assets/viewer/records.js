import { ACTION, AGENT, CODE, OUT, RULES, SEQ, state, TIME, TOOL, TYPE, text } from "./data.js";
import { byId, el, number, visible } from "./dom.js";
import { KNOWN, OUTCOMES, showRecord } from "./record-dialog.js";

export const ROW_HEIGHT = 34;

/** Only the rows that can be seen are in the document. */
export function showList() {
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
    grid.setAttribute("aria-rowcount", String(state.shown.length + 1));
    spacer.style.height = `${state.shown.length * ROW_HEIGHT}px`;
    const first = Math.max(0, Math.floor(viewport.scrollTop / ROW_HEIGHT) - 10);
    const count = Math.ceil(viewport.clientHeight / ROW_HEIGHT) + 20;
    const visibleRows = state.shown
      .slice(first, first + count)
      .map((row, index) => rowElement(row, first + index));
    spacer.replaceChildren(
      ...(state.shown.length === 0
        ? [el("p", { class: "empty" }, "No record fits these filters.")]
        : visibleRows),
    );
  };
  const move = (to) => {
    state.current = Math.max(0, Math.min(state.shown.length - 1, to));
    const top = state.current * ROW_HEIGHT;
    if (top < viewport.scrollTop) viewport.scrollTop = top;
    if (top + ROW_HEIGHT > viewport.scrollTop + viewport.clientHeight)
      viewport.scrollTop = top + ROW_HEIGHT - viewport.clientHeight;
    draw();
    viewport.setAttribute("aria-activedescendant", `row-${state.current}`);
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
      ArrowDown: state.current + 1,
      ArrowUp: state.current - 1,
      PageDown: state.current + page,
      PageUp: state.current - page,
      Home: 0,
      End: state.shown.length - 1,
    }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      move(target);
    }
    if (event.key === "Enter" && state.shown[state.current] !== undefined) {
      event.preventDefault(); // the key would go on to the button that gets the focus, and close what it opened
      showRecord(state.shown[state.current], viewport);
    }
  });
  spacer.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row === null) return;
    move(Number(row.id.slice(4)));
    showRecord(state.shown[state.current], viewport);
  });
  state.refreshers.push(() => {
    viewport.scrollTop = 0;
    draw();
  });
  addEventListener("resize", draw);
}

export function rowElement(row, index) {
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
      class: index === state.current ? "row current" : "row",
      role: "row",
      id: `row-${index}`,
      "aria-rowindex": String(index + 2),
      "aria-selected": String(index === state.current),
    },
    ...cells,
  );
  made.style.top = `${index * ROW_HEIGHT}px`;
  return made;
}
