// The site is made of the files that readers of the repository see, each in the same place beside the others.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const PAGES = ["*.md", "docs/*.md", "packages/*/README.md", "examples/README.md", "examples/*/README.md"];
/** For those who work on the code. */
const BESIDE = new Set(["AGENTS.md"]);

/**
 * Copies the pages. A README becomes the index of its folder.
 *
 * @param out the folder, which is emptied first.
 */
export function collectPages(out) {
  rmSync(out, { recursive: true, force: true });
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", ...PAGES.map((page) => `:(glob)${page}`)],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  for (const page of listed.split("\n"))
    if (page !== "" && !BESIDE.has(page))
      cpSync(join(root, page), join(out, page.replace(/README\.md$/, "index.md")));
}
