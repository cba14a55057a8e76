// Lets Node run this repository's TypeScript sources: `node -C @symbiont/source --import ./scripts/ts.mjs file.ts`.
import { register } from "node:module";

register("./ts-hooks.mjs", import.meta.url);
