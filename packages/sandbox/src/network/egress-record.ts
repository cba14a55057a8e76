import type { AuditRecord, AuditSink } from "@symbiont/kit";
import { EgressDenied, type NetworkDenial } from "./egress-denied.ts";
import { formatTarget, type NetworkTarget } from "./network-target.ts";

/** What was decided about one request. */
export interface EgressDecision {
  readonly kind: "tunnel" | "request";
  /** Unknown when the request made no sense. */
  readonly target?: NetworkTarget | undefined;
  /** Why not; undefined when it was allowed. */
  readonly denial?: NetworkDenial;
  /** An address that is not public was connected to because the policy says so. */
  readonly isDangerous?: boolean;
}

/** Tells the audit of every decision. */
export class EgressRecord {
  readonly #sink: AuditSink | undefined;
  readonly #actor: AuditRecord["actor"];

  constructor(sink: AuditSink | undefined, actor: AuditRecord["actor"]) {
    this.#sink = sink;
    this.#actor = actor;
  }

  /** @throws EgressDenied `SANDBOX_AUDIT_FAILED`: what is not recorded is not done. */
  async allowed(decision: EgressDecision): Promise<void> {
    try {
      await this.#sink?.append(this.#record(decision));
    } catch {
      throw new EgressDenied("SANDBOX_AUDIT_FAILED");
    }
  }

  /** It stays refused, also when nobody takes note of it. */
  async denied(decision: EgressDecision & { readonly denial: NetworkDenial }): Promise<void> {
    try {
      await this.#sink?.append(this.#record(decision));
    } catch {
      // There is nothing more to refuse.
    }
  }

  #record({ kind, target, denial, isDangerous = false }: EgressDecision): AuditRecord {
    return {
      type: "sandbox.network",
      outcome: denial === undefined ? "success" : "denied",
      actor: this.#actor,
      action: `network::${kind}`,
      ...(target === undefined ? {} : { resource: { kind: "host", id: formatTarget(target) } }),
      ...(denial === undefined ? {} : { error: { name: "SandboxError", code: denial } }),
      ...(isDangerous ? { data: { dangerouslyAllowed: true } } : {}),
    };
  }
}
