import { readFileSync } from "node:fs";

async function main() {
  const pattern = /\|([^|]+)\|/g;
  const text = readFileSync(process.argv[2], "utf8");
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) console.log(match[1].trim());
}
await main();
