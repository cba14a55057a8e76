import type { JsonObject, JsonValue, ToolDefinition } from "@symbiont/kit";
import type { ClaimsReport } from "./claims/signature-claims.ts";
import type { PublisherWarning } from "./discovery/publisher.ts";
import type { ForeignNames } from "./foreign-names.ts";
import { hasHiddenCharacters } from "./hidden-characters.ts";
import type { SignableField } from "./tool-envelope.ts";
import type { ToolConcern } from "./verification.ts";

/** The tool's name belongs to another server already. */
export function sameNameConcern(weight: ToolConcern["weight"]): ToolConcern {
  return { code: "SCHEMAPIN_SAME_NAME", reason: "another server has a tool of this name", weight };
}

/** Members that nobody vouches for. */
export function uncoveredConcerns(uncovered: readonly SignableField[]): readonly ToolConcern[] {
  if (uncovered.length === 0) return [];
  const reason = `the signature does not cover the tool's ${uncovered.join(", ")}`;
  return [{ code: "SCHEMAPIN_UNCOVERED_FIELD", reason, weight: "strict" }];
}

/** Documents of the publisher that could not be had as new as they should be. */
export function publisherConcerns(warnings: readonly PublisherWarning[]): readonly ToolConcern[] {
  return warnings.flatMap((warning): ToolConcern[] => {
    if (warning === "revocation_unavailable") {
      const reason = "whether the publisher's key is revoked cannot be known now";
      return [{ code: "SCHEMAPIN_REVOCATION_UNAVAILABLE", reason, weight: "note" }];
    }
    if (warning !== "discovery_stale") return [];
    const reason = "the publisher's discovery document cannot be had now";
    return [{ code: "SCHEMAPIN_DISCOVERY_FETCH_FAILED", reason, weight: "note" }];
  });
}

/** A signature that is past its time, or does not say when that is. */
export function claimsConcerns({ warnings }: ClaimsReport): readonly ToolConcern[] {
  if (warnings.length === 0) return [];
  const reason = "the signature has expired, or does not say when it does";
  return [{ code: "SCHEMAPIN_SIGNATURE_EXPIRED", reason, weight: "note" }];
}

/** Text that a person who approves the tool cannot see, in any of its members. */
export function hiddenTextConcerns(members: JsonObject | ToolDefinition): readonly ToolConcern[] {
  if (!holdsHiddenText(members as JsonObject)) return [];
  const reason = "the tool holds characters that nobody sees";
  return [{ code: "SCHEMAPIN_HIDDEN_TEXT", reason, weight: "strict" }];
}

/** Descriptions that speak of another server's tools: one server's text must not steer the use of another. */
export function crossReferenceConcerns(
  { name, title, description, inputSchema }: ToolDefinition,
  others: ForeignNames,
): readonly ToolConcern[] {
  const text = [title ?? "", description ?? "", ...descriptionsIn(inputSchema)].join("\n");
  if (!others.areIn(text, name)) return [];
  const reason = "the tool's description names a tool of another server";
  return [{ code: "SCHEMAPIN_CROSS_REFERENCE", reason, weight: "note" }];
}

function holdsHiddenText(value: JsonValue): boolean {
  if (typeof value === "string") return hasHiddenCharacters(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value as JsonObject).some(
    ([name, member]) => hasHiddenCharacters(name) || holdsHiddenText(member),
  );
}

function* descriptionsIn(schema: JsonValue): Generator<string> {
  if (typeof schema !== "object" || schema === null) return;
  for (const [name, member] of Object.entries(schema as JsonObject)) {
    if (typeof member !== "string") yield* descriptionsIn(member);
    else if (name === "description" || name === "title") yield member;
  }
}
