// Plays a web-standard runtime: every Node module is refused, and so are Node's globals.
import { register } from "node:module";

register("./refuse-node-hooks.mjs", import.meta.url);
delete process.getBuiltinModule;
