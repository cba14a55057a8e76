import { fileURLToPath } from "node:url";
import { pythonPackage } from "../../../../scripts/testing/python-package.ts";
import { ReferenceProcess } from "./reference-process.ts";

const reference = pythonPackage("agentpin", "0.3.0");
const script = fileURLToPath(new URL("./python_reference.py", import.meta.url));

/** Installs the published Python package once, outside the repository; says why when it cannot be. */
export function installPython(): string {
  return reference.install();
}

/** Starts the reference. */
export function startPython(): ReferenceProcess {
  return new ReferenceProcess(reference.python, [script]);
}
