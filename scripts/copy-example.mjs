// Copies an example out of the repository, ready for `npm install`: node scripts/copy-example.mjs NAME FOLDER
import { resolve } from "node:path";
import { copyExample, examples } from "./examples.mjs";

const [, , name, target] = process.argv;
if (!examples().includes(name) || target === undefined) {
  console.error(
    `usage: node scripts/copy-example.mjs NAME FOLDER, where NAME is one of ${examples().join(", ")}`,
  );
  process.exitCode = 2;
} else {
  copyExample(name, resolve(target));
  console.log(`${target}: read its README.md`);
}
