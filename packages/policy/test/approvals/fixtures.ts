import type { ApprovalRequest, AuditRecord } from "@symbiont/kit";
import { ApprovalDesk, type ApprovalNotifier, MemoryApprovalStore } from "@symbiont/policy/approvals";

/** A clock that moves when told to. */
export class ManualClock {
  time = 1_700_000_000_000;
  now(): number {
    return this.time;
  }
}

/** A sink that keeps what it is given, and refuses while `isFull`. */
export class AuditList {
  readonly records: AuditRecord[] = [];
  isFull = false;
  async append(record: AuditRecord): Promise<{ sequence: number }> {
    if (this.isFull) throw new Error("disk full");
    return { sequence: this.records.push(record) - 1 };
  }
  types(): string[] {
    return this.records.map(({ type }) => type);
  }
}

type DeskOptions = ConstructorParameters<typeof ApprovalDesk>[0];

/** A desk over a new store, with everything it was made of. */
export function setUp(options: Partial<DeskOptions> & { notifiers?: readonly ApprovalNotifier[] } = {}) {
  const audit = new AuditList();
  const clock = new ManualClock();
  const store = new MemoryApprovalStore();
  const desk = new ApprovalDesk({
    store,
    roles: {
      operator: { approvers: ["dana", "kim", "lee"] },
      pair: { approvers: ["dana", "kim", "lee"], quorum: 2 },
      careful: { approvers: ["dana"], requireReason: true },
    },
    audit,
    clock,
    pollMs: 5,
    ...options,
  });
  return { audit, clock, store: options.store ?? store, desk };
}

export const HASH: string = `sha256:${"ab".repeat(32)}`;

/** A question that is open for two minutes. */
export function question(overrides: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    actionHash: HASH,
    role: "operator",
    principal: { kind: "agent", id: "worker" },
    action: "deploy",
    summary: { service: "web", token: "[redacted]" },
    deadline: 1_700_000_120_000,
    ...overrides,
  };
}

export const never: AbortSignal = new AbortController().signal;

/** The one open question. */
export async function onlyOne(desk: ApprovalDesk, approver = "dana") {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const [entry] = await desk.list(approver);
    if (entry !== undefined) return entry;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error("there is no open question");
}
