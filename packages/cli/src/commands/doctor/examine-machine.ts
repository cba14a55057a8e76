import { type Environment, isProduction } from "@symbiont/kit";
import type { TierReport } from "@symbiont/sandbox";
import { tierState } from "../../program/tier-state.ts";
import type { Finding } from "./finding.ts";

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
  const { doctor } = await import("@symbiont/sandbox");
  const native: Finding = {
    mark: "note",
    about: "sandbox",
    says: "tier native works everywhere and isolates nothing; production refuses it",
  };
  return [...(await doctor()).map(findingOf), native];
}

/** Only the tier that needs nothing but a few programs is missed where it does not work. */
function findingOf(report: TierReport): Finding {
  const { state, says, fix } = tierState(report);
  const mark = state === "works" ? "ok" : report.tier === "namespace" ? "warn" : "note";
  const share = state === "works" ? ", but share the kernel" : "";
  return { mark, about: "sandbox", says: `${says}${share}`, ...(fix !== undefined && { fix }) };
}
