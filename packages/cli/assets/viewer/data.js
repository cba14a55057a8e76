// The page of `symbiont audit report`. Data is only ever set as text; nothing is fetched, nothing is written as markup.

export const [SEQ, TIME, TYPE, OUT, AGENT, ACTION, TOOL, CODE, RULES, ATTEMPT, DETAIL] = Array.from(
  { length: 11 },
  (_, index) => index,
);

const report = JSON.parse(document.getElementById("data").textContent);
/** Each text once; rows hold the numbers of theirs. */
export const texts = report.texts;
/** The records, oldest first. */
export const rows = report.rows;
/** What verifying the journal came to. */
export const status = report.status;
export const text = (row, column) => texts[row[column]];

// A call is an attempt and its outcome: totals and tables count what came of calls, each once.
export const decisions = rows.filter((row) => ["success", "failure", "denied"].includes(text(row, OUT)));

/** What is chosen, and what is left of the records then, newest first. */
export const state = {
  filter: { words: "", outcome: "", agent: "", tool: "", code: "", from: -1, to: -1 },
  shown: [],
  current: 0,
  /** Called when a choice has changed. */
  refreshers: [],
};
