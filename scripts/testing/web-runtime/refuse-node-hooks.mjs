import { isBuiltin } from "node:module";

export async function resolve(specifier, context, nextResolve) {
  if (isBuiltin(specifier)) throw new Error(`refused ${specifier} from ${context.parentURL}`);
  return nextResolve(specifier, context);
}
