import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { compilePolicies, type PolicyRequest, parsePolicies } from "@symbiont/policy";
import type { Bench } from "../../../scripts/bench/bench.ts";

/** One guarded allow and one guarded deny for each operation, and the same in Cedar. */
function bench(rules: number): Bench {
  const operations = Math.max(1, Math.floor(rules / 2));
  const names = Array.from({ length: operations }, (_, index) => `tool_${index}`);
  const source = names
    .map(
      (name) => `policy ${name} {
      allow: ${name}(file) if file.owner == "worker" && context.level <= 3
      ${rules === 1 ? "" : `deny: ${name}(file) if file.path == "/etc/passwd"`}
    }`,
    )
    .join("\n");
  const set = compilePolicies([parsePolicies(source)]);
  const op = names[Math.floor(operations / 2)] as string;
  const request: PolicyRequest = {
    op,
    subjects: [{ owner: "worker", path: "/srv/a" }],
    scope: { context: { level: 2 } },
  };
  if (set.evaluate(request).effect !== "allow") throw new Error("the request must be allowed");

  const condition = (subject: { owner: string; path: string }) =>
    subject.owner === "worker" && subject.path !== "/etc/passwd";
  const table = new Map(names.map((name) => [name, condition]));

  const cedar = Object.fromEntries(
    names.flatMap((name) => [
      [
        `allow ${name}`,
        `permit(principal, action == Action::"${name}", resource) when { context.owner == "worker" && context.level <= 3 };`,
      ],
      ...(rules === 1
        ? []
        : [
            [
              `deny ${name}`,
              `forbid(principal, action == Action::"${name}", resource) when { context.path == "/etc/passwd" };`,
            ],
          ]),
    ]),
  );
  const id = `set ${rules}`;
  const prepared = preparsePolicySet(id, { staticPolicies: cedar });
  if (prepared.type !== "success") throw new Error(JSON.stringify(prepared));
  const call = {
    principal: { type: "Agent", id: "worker" },
    action: { type: "Action", id: op },
    resource: { type: "File", id: "/srv/a" },
    context: { owner: "worker", path: "/srv/a", level: 2 },
    entities: [],
    preparsedPolicySetId: id,
  };
  const answer = statefulIsAuthorized(call);
  if (answer.type !== "success" || answer.response.decision !== "allow")
    throw new Error(JSON.stringify(answer));

  return {
    name: `decision, ${rules} rules`,
    ours: () => set.evaluate(request),
    floor: () => table.get(op)?.(request.subjects?.[0] as { owner: string; path: string }),
    floorName: "Map look-up and one closure with the same comparisons",
    peer: () => statefulIsAuthorized(call),
    peerName: "@cedar-policy/cedar-wasm 4.13, preparsed",
    minPeerRatio: rules >= 1000 ? 1000 : 20,
  };
}

export const benches: readonly Bench[] = [1, 100, 500, 1000].map(bench);
