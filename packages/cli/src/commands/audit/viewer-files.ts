import { readFile } from "node:fs/promises";

const STYLES = ["theme.css", "overview.css", "records.css"];
/** In the order in which they need each other's constants; functions may need each other across files. */
const SCRIPTS = [
  "data.js",
  "dom.js",
  "overview.js",
  "timeline.js",
  "tables.js",
  "filters.js",
  "record-dialog.js",
  "records.js",
  "main.js",
];
const IMPORT = /^import [^;]*;\n/gm;
const EXPORT = /^export /gm;

/** The style and the script of the report. A page without a network cannot import, so the modules become one function. */
export async function viewerFiles(): Promise<{ readonly style: string; readonly script: string }> {
  const viewer = new URL("assets/viewer/", import.meta.resolve("@symbiont/cli/package.json"));
  const read = async (name: string): Promise<string> => readFile(new URL(name, viewer), "utf8");
  const [styles, scripts] = await Promise.all([
    Promise.all(STYLES.map(read)),
    Promise.all(SCRIPTS.map(read)),
  ]);
  const body = scripts.map((script) => script.replace(IMPORT, "").replace(EXPORT, "")).join("\n");
  return { style: styles.join("\n"), script: `"use strict";\n(() => {\n${body}\n})();\n` };
}
