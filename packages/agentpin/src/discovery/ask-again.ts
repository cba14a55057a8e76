import { AgentPinError } from "../agentpin-error.ts";
import type { FetchedDocument, UnchangedDocument } from "./document-resolver.ts";
import type { Askable, Validator } from "./known-issuer.ts";

/** A document that counts from now on. */
export interface CurrentDocument<Document> {
  readonly document: Document;
  /** How long its source lets it be used, in seconds. */
  readonly maxAgeSeconds?: number;
  /** How to ask for it next time. */
  readonly validator?: Validator;
}

/**
 * Asks for a document, by the etag of the one that is known if it has one: the answer that nothing has changed gives
 * that one back, the very same object.
 *
 * @param now seconds since the epoch.
 * @throws AgentPinError `AGENTPIN_DISCOVERY_FETCH_FAILED` with reason `http_status` for that answer to another question;
 * as the functions throw.
 */
export async function ask<Document>(
  known: Askable<Document> | undefined,
  fetch: (etag: string | undefined) => Promise<FetchedDocument | UnchangedDocument>,
  parse: (document: unknown) => Document,
  now: number,
): Promise<CurrentDocument<Document>> {
  const answer = await fetch(known?.validator.etag);
  if (!("unchanged" in answer)) {
    const { document, etag, maxAgeSeconds } = answer;
    return current(parse(document), maxAgeSeconds, etag, now);
  }
  if (known === undefined)
    throw new AgentPinError("AGENTPIN_DISCOVERY_FETCH_FAILED", "nothing is known that could be unchanged", {
      reason: "http_status",
    });
  const { etag, maxAgeSeconds, fetchedAt } = known.validator;
  return current(known.document, answer.maxAgeSeconds ?? maxAgeSeconds, etag, fetchedAt);
}

function current<Document>(
  document: Document,
  maxAgeSeconds: number | undefined,
  etag: string | undefined,
  fetchedAt: number,
): CurrentDocument<Document> {
  return {
    document,
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...(etag === undefined ? {} : { validator: { etag, maxAgeSeconds, fetchedAt } }),
  };
}
