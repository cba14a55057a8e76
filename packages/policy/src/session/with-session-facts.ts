import type { Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import type { SessionView } from "./session-history.ts";
import { SessionMemory } from "./session-memory.ts";

/** Options of {@link withSessionFacts}. */
export interface SessionFactsOptions {
  /** Which session a request belongs to. From what the host knows, never from arguments of the model. */
  readonly session: (request: DecisionRequest) => string;
  /**
   * What an action brings into the session, for example `["confidential"]` for reading a certain folder. Must know
   * more rather than less: what is not labelled is not seen. Default nothing.
   */
  readonly labels?: (request: DecisionRequest) => readonly string[];
  /** Default a memory of its own. */
  readonly memory?: SessionMemory;
}

/**
 * Shows rules what the session has done before, as `session.actions`, `session.labels`, `session.steps`, so that
 * `deny: send_mail if session.labels.contains("confidential")` holds. An action counts from the moment it is
 * allowed, whether it succeeds or not, and while it is being decided for everything that is decided beside it. A
 * session that cannot be told or remembered is denied, `session.unknown` or `session.full`.
 */
export function withSessionFacts(point: DecisionPoint, options: SessionFactsOptions): DecisionPoint {
  const { session: sessionOf, labels: labelsOf = () => [], memory = new SessionMemory() } = options;
  return {
    decide(request) {
      let labels: readonly string[];
      let id: string;
      try {
        id = sessionOf(request);
        labels = [...labelsOf(request)];
        if (typeof id !== "string" || id === "" || !labels.every((label) => typeof label === "string"))
          return refusal("session.unknown");
      } catch {
        return refusal("session.unknown");
      }
      const session = memory.open(id);
      if (session === undefined || session.isFull) return refusal("session.full");
      const seen = { ...request, context: withSession(request.context, session.view()) };
      const settle = session.begin(request, labels);
      try {
        const decision = point.decide(seen);
        if (!("then" in decision)) {
          settle(decision.effect === "allow");
          return decision;
        }
        // Any promise, not only one of this realm: an allow that went by unseen would leave no trace.
        return Promise.resolve(decision).then(
          (settled) => {
            settle(settled.effect === "allow");
            return settled;
          },
          (error: unknown) => {
            settle(false);
            throw error;
          },
        );
      } catch (error) {
        settle(false);
        throw error;
      }
    },
  };
}

/** The context with these facts, whatever it says of a session. No getter of it is called. */
function withSession(context: object, session: SessionView): Readonly<Record<string, unknown>> {
  const members = Object.getOwnPropertyDescriptors(context);
  return Object.defineProperties({}, { ...members, session: { value: session, enumerable: true } });
}

function refusal(code: string): Decision {
  return { effect: "deny", code, reason: "the session cannot be judged", rules: [], engine: "session" };
}
