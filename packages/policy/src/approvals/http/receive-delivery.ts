import { readBounded } from "../../read-bounded.ts";
import { MAX_BODY_BYTES } from "./answer-body.ts";
import { problem } from "./approval-response.ts";

/** A delivery as a webhook verifier takes it. */
export interface Delivery {
  readonly headers: Headers;
  readonly rawBody: Uint8Array;
  readonly url: string;
  readonly method: string;
}

/** Reads a delivery and has it verified; gives the refusal when it is not genuine. */
export async function receiveDelivery<Event>(
  request: Request,
  verify: (delivery: Delivery) => Promise<Event>,
): Promise<{ readonly event: Event; readonly rawBody: Uint8Array } | Response> {
  const { headers, url, method } = request;
  if (method !== "POST") return problem(405, "method_not_allowed", undefined, { allow: "POST" });
  let rawBody: Uint8Array | undefined;
  try {
    rawBody = await readBounded(request, MAX_BODY_BYTES);
  } catch {
    return problem(400, "bad_request");
  }
  if (rawBody === undefined) return problem(413, "too_large");
  try {
    return { event: await verify({ headers, rawBody, url, method }), rawBody };
  } catch {
    return problem(401, "not_verified");
  }
}
