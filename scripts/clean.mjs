// Removes what a build leaves behind, so that the next one starts from the sources alone.
import { rmSync } from "node:fs";
import { packages, root } from "./workspace.mjs";

for (const { url } of packages()) {
  rmSync(new URL("dist", url), { recursive: true, force: true });
  rmSync(new URL("node_modules/.cache", url), { recursive: true, force: true });
}
rmSync(new URL("node_modules/.cache", root), { recursive: true, force: true });
