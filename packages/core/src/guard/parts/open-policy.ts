import type { AuditSink, Clock, DecisionPoint } from "@symbiont/kit";
import type { ApprovalDesk } from "@symbiont/policy/approvals";
import type { ApprovalsConfig, PolicyConfig } from "../guard-config.ts";
import type { GuardStores } from "../guard-stores.ts";
import type { Part } from "../parts.ts";

/** Opens the folder of policies. @throws PolicyError when what is in it is not sound: nothing starts without rules. */
export async function openPolicy(
  { folder, allowByDefault = [] }: PolicyConfig,
  at: (path: string) => string,
): Promise<Part<DecisionPoint>> {
  const [{ createDecisionPoint }, { PolicyFolder }] = await Promise.all([
    import("@symbiont/policy"),
    import("@symbiont/policy/files"),
  ]);
  const policies = await PolicyFolder.open(at(folder));
  const check = (): void => {
    const { error } = policies;
    if (error !== undefined) throw error instanceof Error ? error : new Error("the policies cannot be used");
  };
  try {
    check();
  } catch (error) {
    policies.close();
    throw error;
  }
  return {
    port: createDecisionPoint(policies.at(), { allowByDefault }),
    check,
    close: () => policies.close(),
  };
}

/** Opens the desk that asks people. */
export async function openApprovals(
  { roles, store: file }: ApprovalsConfig,
  {
    at,
    audit,
    clock,
    stores,
  }: {
    readonly at: (path: string) => string;
    readonly audit: AuditSink;
    readonly clock: Clock;
    readonly stores: GuardStores;
  },
): Promise<Part<ApprovalDesk>> {
  const { ApprovalDesk, MemoryApprovalStore } = await import("@symbiont/policy/approvals");
  const own =
    file === undefined
      ? new MemoryApprovalStore()
      : new (await import("@symbiont/policy/approvals/file")).FileApprovalStore(at(file));
  const store = stores.approvals ?? own;
  return {
    port: new ApprovalDesk({ store, roles, audit, clock }),
    check: async () => store.countPending(),
  };
}
