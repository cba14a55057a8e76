import type { DiscoveryDocument } from "../discovery-document.ts";
import type { DocumentResolver, Resolution } from "./document-resolver.ts";

/**
 * Asks several resolvers. For a discovery document the first that has one wins: an absent or unavailable one passes
 * the question on, an invalid one ends it. Revocations are never first-wins: those of all members count, also those
 * in the discovery documents that were not needed.
 */
export class ResolverChain implements DocumentResolver {
  readonly #members: readonly DocumentResolver[];

  constructor(members: readonly DocumentResolver[]) {
    if (members.length === 0) throw new TypeError("members must not be empty");
    this.#members = [...members];
  }

  async resolveDiscovery(domain: string): Promise<Resolution<DiscoveryDocument>> {
    let outcome: Resolution<DiscoveryDocument> = { status: "absent" };
    for (const member of this.#members) {
      const answer = await member.resolveDiscovery(domain);
      if (answer.status === "ok" || answer.status === "invalid") return answer;
      if (answer.status === "unavailable") outcome = answer;
    }
    return outcome;
  }

  async resolveRevocation(
    domain: string,
    discovery: DiscoveryDocument,
  ): Promise<Resolution<ReadonlySet<string>>> {
    const answers = await Promise.all(
      this.#members.map(async (member) => revocationsOf(member, domain, discovery)),
    );
    return unite(answers.flat());
  }
}

/** A member may hold another discovery document than the one in use: its list, and its endpoint, count as well. */
async function revocationsOf(
  member: DocumentResolver,
  domain: string,
  discovery: DiscoveryDocument,
): Promise<readonly Resolution<ReadonlySet<string>>[]> {
  const own = await member.resolveDiscovery(domain);
  const answers = [await member.resolveRevocation(domain, discovery)];
  if (own.status === "invalid") answers.push(own);
  // An unavailable one is no news: whoever must be reached is named as the endpoint by the document in use.
  if (own.status !== "ok") return answers;
  const { revokedKeys, revocationEndpoint } = own.document;
  answers.push({ ...own, document: revokedKeys });
  if (revocationEndpoint !== discovery.revocationEndpoint)
    answers.push(await member.resolveRevocation(domain, own.document));
  return answers;
}

function unite(answers: readonly Resolution<ReadonlySet<string>>[]): Resolution<ReadonlySet<string>> {
  const revoked = new Set<string>();
  let maxAgeMs = Number.POSITIVE_INFINITY;
  let missing: Resolution<never> | undefined;
  for (const answer of answers) {
    if (answer.status === "invalid") return answer;
    if (answer.status === "ok") {
      for (const fingerprint of answer.document) revoked.add(fingerprint);
      maxAgeMs = Math.min(maxAgeMs, answer.maxAgeMs ?? 0);
    } else if (answer.status === "unavailable") {
      for (const fingerprint of answer.partial ?? []) revoked.add(fingerprint);
      missing = { status: "unavailable", error: answer.error };
    }
  }
  if (missing?.status === "unavailable") return { ...missing, partial: revoked };
  return answers.some(({ status }) => status === "ok")
    ? { status: "ok", document: revoked, maxAgeMs }
    : { status: "absent" };
}
