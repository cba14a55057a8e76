import { type Environment, isProduction } from "@symbiont/kit";
import type { Finding } from "./examine.ts";

/** Node, the environment, and every sandbox tier, as they are here. */
export async function examineMachine(env: Environment): Promise<readonly Finding[]> {
  return [examineNode(), ...examineEnvironment(env), ...(await examineTiers())];
}

function examineNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 19);
  const says = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  return isNew
    ? { mark: "ok", about: "node", says }
    : { mark: "bad", about: "node", says, fix: "Node 20.19 or newer is needed" };
}

function examineEnvironment(env: Environment): Finding[] {
  try {
    const says = isProduction(env) ? "production: relaxed settings refuse to start" : "not production";
    return [{ mark: "ok", about: "environment", says }];
  } catch {
    const fix = "write development, staging, production or test";
    return [{ mark: "bad", about: "environment", says: "SYMBIONT_ENV has a value that is not known", fix }];
  }
}

async function examineTiers(): Promise<Finding[]> {
  const { namespaceTier } = await import("@symbiont/sandbox");
  const { available, problems, advice } = await namespaceTier().probe();
  const namespace: Finding = available
    ? {
        mark: "ok",
        about: "sandbox",
        says: "tier namespace works: commands are isolated, but share the kernel",
      }
    : {
        mark: "warn",
        about: "sandbox",
        says: `tier namespace does not work here: ${problems.join("; ")}`,
        ...(advice.length > 0 && { fix: advice.join("; ") }),
      };
  const native: Finding = {
    mark: "note",
    about: "sandbox",
    says: "tier native works everywhere and isolates nothing; production refuses it",
  };
  return [namespace, native];
}
