import type { Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import { readDecision, UNAVAILABLE } from "./enforce-decision.ts";

/** One engine among several. */
export interface CombinedEngine {
  /** Name in reports, and in front of its rules. */
  readonly name: string;
  readonly point: DecisionPoint;
  /**
   * Whether the engine has no say where none of its rules speak (code `default`), so that another may allow. By
   * default that is a deny like any other.
   */
  readonly abstains?: boolean;
}

/** Options of {@link combineDecisions}. */
export interface CombineDecisionsOptions {
  /** Longest time for an engine that does not answer at once, in milliseconds. Default 1,000. */
  readonly timeoutMs?: number;
}

/**
 * Makes one decision point of several: one deny denies, then one ask asks, and only where some engine allows and
 * none stands against it is it allowed. An engine that throws, is too late or answers something else denies. Answers
 * at once when all engines do.
 *
 * @throws RangeError when there is no engine, or two have one name.
 */
export function combineDecisions(
  engines: readonly CombinedEngine[],
  { timeoutMs = 1000 }: CombineDecisionsOptions = {},
): DecisionPoint {
  if (engines.length === 0) throw new RangeError("engines must not be empty");
  if (new Set(engines.map(({ name }) => name)).size !== engines.length)
    throw new RangeError("engines must have different names");
  return {
    decide(request) {
      const answers = engines.map(({ point }) => start(point, request));
      if (answers.every((answer) => !(answer instanceof Promise)))
        return combine(
          engines,
          answers.map((answer) => read(answer as Decision)),
        );
      const inTime = answers.map(async (answer) => within(answer, timeoutMs));
      return Promise.all(inTime).then((decisions) => combine(engines, decisions));
    },
  };
}

const TIMED_OUT: Decision = Object.freeze({ ...UNAVAILABLE, code: "engine.timeout" });

function start(point: DecisionPoint, request: DecisionRequest): Decision | Promise<Decision> {
  try {
    return point.decide(request);
  } catch {
    return UNAVAILABLE;
  }
}

function read(decision: Decision): Decision {
  try {
    return readDecision(decision);
  } catch {
    return UNAVAILABLE;
  }
}

async function within(answer: Decision | Promise<Decision>, timeoutMs: number): Promise<Decision> {
  if (!(answer instanceof Promise)) return read(answer);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Decision>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), timeoutMs);
  });
  try {
    return await Promise.race([answer.then(read, () => UNAVAILABLE), late]);
  } finally {
    clearTimeout(timer);
  }
}

function combine(engines: readonly CombinedEngine[], decisions: readonly Decision[]): Decision {
  const answers = engines.map(({ name, abstains }, index) => ({
    name,
    abstains,
    decision: decisions[index] ?? UNAVAILABLE,
  }));
  const voices = answers.filter(
    ({ abstains, decision }) =>
      !(abstains === true && decision.effect === "deny" && decision.code === "default"),
  );
  const deciding =
    voices.find(({ decision }) => decision.effect === "deny") ??
    voices.find(({ decision }) => decision.effect === "ask") ??
    voices[0] ??
    answers[0];
  const decision = deciding?.decision ?? UNAVAILABLE;
  const same = voices.filter((voice) => voice.decision.effect === decision.effect);
  return {
    ...decision,
    rules: same.flatMap(({ name, decision: { rules } }) => rules.map((rule) => `${name}:${rule}`)),
    engine: deciding?.name ?? "none",
  };
}
