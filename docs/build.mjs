// pnpm docs:build: the site, in docs/.vitepress/dist. A link to a page that does not exist fails it.
import { join } from "node:path";
import { build } from "vitepress";
import { collectPages } from "./collect-pages.mjs";
import { writeReference } from "./reference.mjs";

const here = import.meta.dirname;
const pages = join(here, ".vitepress", "pages");
collectPages(pages);
await writeReference(join(pages, "reference"));
await build(here);
