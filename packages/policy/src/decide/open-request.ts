import { type Frame, OPERATION_BUDGET } from "../evaluate/frame.ts";
import { isList, isMap, isPlainObject } from "../evaluate/value.ts";
import type { Container } from "../parse/ast.ts";
import type { PolicyRequest } from "./request.ts";

const NOTHING: readonly never[] = [];
const NO_SCOPE: Readonly<Record<string, unknown>> = Object.freeze({ __proto__: null });

/** A request whose shape has been checked. */
export interface OpenRequest {
  readonly operation: string;
  readonly agent: string | undefined;
  readonly channel: string | undefined;
  readonly frame: Frame;
  readonly given: { readonly assurances: unknown; readonly approvals: readonly unknown[] };
}

/** Checks the shape of a request and makes the frame its rules are evaluated in. */
export function openRequest(request: PolicyRequest): OpenRequest {
  const { op, subjects = NOTHING, scope = NO_SCOPE, assurances = NO_SCOPE, approvals = NOTHING } = request;
  if (typeof op !== "string") throw new TypeError("op must be text");
  if (!isList(subjects)) throw new TypeError("subjects must be an array");
  if (!isList(approvals)) throw new TypeError("approvals must be an array");
  if (!isRoots(scope)) throw new TypeError("scope must be a plain object or a Map");
  if (!isRoots(assurances)) throw new TypeError("assurances must be a plain object or a Map");
  return {
    operation: op,
    agent: request.agent,
    channel: request.channel,
    frame: { subjects, readSubjects: [], scope, locals: [], budget: OPERATION_BUDGET },
    given: { assurances, approvals },
  };
}

function isRoots(value: unknown): boolean {
  return isPlainObject(value) || isMap(value);
}

/** Tells whether a block's rules concern whoever asks. */
export function isInScope(container: Container, { agent, channel }: OpenRequest): boolean {
  if (container.kind === "top") return true;
  return container.name === (container.kind === "agent" ? agent : channel);
}
