import { AGENT, CODE, status, TOOL } from "./data.js";
import { showFilters, update } from "./filters.js";
import { showCards, showStatus } from "./overview.js";
import { showList } from "./records.js";
import { showTable } from "./tables.js";
import { showTimeline } from "./timeline.js";

const outcomes = [
  ["Calls", "all"],
  ["Denied", "denied"],
  ["Failed", "failure"],
];
const denials = [["Calls", "all"]];

showStatus();
if (status.ok) showJournal();
else {
  // Nothing in a journal that does not verify is shown: it would be believed.
  for (const section of document.querySelectorAll("main > :not(#status)")) section.hidden = true;
}

function showJournal() {
  showCards();
  showTimeline();
  showTable("rules", { column: CODE, name: "Code · rules", only: "denied", columns: denials, key: "code" });
  showTable("agents", { column: AGENT, name: "Agent", columns: outcomes, key: "agent" });
  showTable("tools", { column: TOOL, name: "Tool", columns: outcomes, key: "tool" });
  showFilters();
  showList();
  update();
}
