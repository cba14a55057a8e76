import { KitError, type Principal, parseJson } from "@symbiont/kit";
import { readBounded } from "../../read-bounded.ts";
import type { ApprovalDesk } from "../approval-desk.ts";
import { ApprovalError } from "../approval-error.ts";
import { isObject, MAX_BODY_BYTES } from "./answer-body.ts";
import { problem, STATUS, showEntry } from "./approval-response.ts";

/** Options of {@link createApprovalRouter}. */
export interface ApprovalRouterOptions {
  readonly desk: ApprovalDesk;
  /**
   * Finds out who asks, by whatever the request carries; undefined or a rejection is nobody. Only a principal of
   * kind `user` may look and vote: agents do not approve each other.
   */
  readonly authenticate: (request: Request) => Promise<Principal | undefined>;
  /** Path under which the router stands, without a slash at its end. Default `"/approvals"`. */
  readonly basePath?: string;
}

/**
 * Makes a fetch handler for approvals:
 *
 * | | |
 * |---|---|
 * | `GET /approvals` | open questions that the caller may answer |
 * | `GET /approvals/{id}` | one of them |
 * | `POST /approvals/{id}/approve`, `…/deny` | a vote; JSON body `{ "action_hash", "reason"? }` |
 *
 * The hash is required, so that a vote is for what was shown. Answers carry `{ error, code }`: 401, 403, 404, 409
 * (answered already), 410 (too late), 400. A vote must be sent as `application/json`, which no form of a foreign
 * page can do.
 */
export function createApprovalRouter(
  options: ApprovalRouterOptions,
): (request: Request) => Promise<Response> {
  const { desk, authenticate, basePath = "/approvals" } = options;
  return async (request) => {
    try {
      const route = readRoute(new URL(request.url).pathname, basePath);
      if (route === undefined) return problem(404, "not_found", "APPROVAL_NOT_FOUND");
      const principal = await authenticate(request).catch(() => undefined);
      if (principal === undefined) return problem(401, "unauthenticated");
      if (principal.kind !== "user") return problem(403, "forbidden", "APPROVAL_NOT_ALLOWED");
      return await answer(desk, request, route, principal.id);
    } catch (error) {
      if (!ApprovalError.is(error)) return problem(500, "failed");
      const [status, name] = STATUS[error.code] ?? [503, "unavailable"];
      return problem(status, name, error.code);
    }
  };
}

interface Route {
  readonly id?: string;
  readonly verdict?: "approve" | "deny";
}

function readRoute(pathname: string, basePath: string): Route | undefined {
  if (pathname === basePath) return {};
  if (!pathname.startsWith(`${basePath}/`)) return undefined;
  const [, id, verdict] =
    /^([0-9a-f]{32})(?:\/(approve|deny))?$/.exec(pathname.slice(basePath.length + 1)) ?? [];
  if (id === undefined) return undefined;
  return verdict === "approve" || verdict === "deny" ? { id, verdict } : { id };
}

async function answer(
  desk: ApprovalDesk,
  request: Request,
  { id, verdict }: Route,
  approver: string,
): Promise<Response> {
  const method = verdict === undefined ? "GET" : "POST";
  if (request.method !== method) return problem(405, "method_not_allowed", undefined, { allow: method });
  if (id === undefined) return json({ approvals: (await desk.list(approver)).map(showEntry) });
  if (verdict === undefined) return json(showEntry(await desk.read(id, approver)));
  const vote = await readVote(request);
  if (vote instanceof Response) return vote;
  await desk.read(id, approver);
  return json(showEntry(await desk.vote(id, { ...vote, approver, verdict, channel: "http" })));
}

async function readVote(
  request: Request,
): Promise<{ readonly actionHash: string; readonly reason?: string } | Response> {
  const [type] = (request.headers.get("content-type") ?? "").split(";");
  if (type?.trim().toLowerCase() !== "application/json") return problem(415, "json_required");
  const bytes = await readBounded(request, MAX_BODY_BYTES);
  if (bytes === undefined) return problem(413, "too_large");
  try {
    const body = parseJson(bytes);
    if (!isObject(body)) return problem(400, "bad_request");
    const { action_hash: actionHash, reason } = body;
    if (typeof actionHash !== "string" || (reason !== undefined && typeof reason !== "string"))
      return problem(400, "bad_request");
    return { actionHash, ...(reason === undefined ? {} : { reason }) };
  } catch (error) {
    if (KitError.is(error)) return problem(400, "bad_request");
    throw error;
  }
}

function json(body: object): Response {
  return Response.json(body, {
    headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}
