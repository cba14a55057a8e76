import type { JsonObject, JsonValue } from "./json-value.ts";

// The ports through which features meet. Each is small and structural: any object of the shape will do.

/** Tells the time. `Date` itself is a clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Who acts: the result of authentication, never of the caller's own words. */
export interface Principal {
  readonly kind: "agent" | "user" | "service" | "system";
  readonly id: string;
  /** Default none. */
  readonly roles?: readonly string[];
  /** Facts the authenticator vouches for. Default none. */
  readonly attributes?: JsonObject;
}

/** One thing that happened or is about to happen, before it is ordered, timed and chained. */
export interface AuditRecord {
  /** `area.event`, lower case, for example `tool.call`. */
  readonly type: string;
  readonly outcome: "attempt" | "success" | "failure" | "denied" | "info";
  readonly actor: { readonly kind: Principal["kind"]; readonly id: string; readonly key?: string };
  /** What was done, for example `tool_call::read_file`. */
  readonly action?: string;
  readonly resource?: { readonly kind: string; readonly id: string };
  /** Sequence of the attempt that this record is the outcome of. */
  readonly attempt?: number;
  readonly policy?: {
    readonly engine: string;
    /** Digest of the policy set, `sha256:<hex>`. */
    readonly set: string;
    readonly rules: readonly string[];
    readonly code: string;
  };
  readonly error?: { readonly name: string; readonly code: string };
  readonly trace?: { readonly traceId: string; readonly spanId: string };
  /** Typed per record, already redacted. */
  readonly data?: JsonObject;
}

/** What the sink promises about an appended record. */
export interface AuditReceipt {
  /** Position in the journal, from 0. Negative while there is none yet: good for the `attempt` of the outcome only. */
  readonly sequence: number;
}

/** Where audit records go. */
export interface AuditSink {
  /** Resolves when the record has the durability the sink promises; rejects when it has not. */
  append(record: AuditRecord): Promise<AuditReceipt>;
}

/** One question to a policy. */
export interface DecisionRequest {
  readonly principal: Principal;
  /** Operation name, for example `read_file`. */
  readonly action: string;
  readonly resource: { readonly kind: string; readonly id: string };
  /** Facts the rules may look at. Plain data only. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Roles whose approval of exactly this request has been given and checked. Default none. */
  readonly approvals?: readonly string[];
}

/** The answer to a {@link DecisionRequest}. */
export interface Decision {
  /** `ask` means: allowed once a person has approved exactly this request. */
  readonly effect: "allow" | "deny" | "ask";
  /** Stable reason code. */
  readonly code: string;
  /** One sentence that may be shown to the model. */
  readonly reason: string;
  /** Ids of the rules that determined the effect. */
  readonly rules: readonly string[];
  /** Role whose approval is needed; set when the effect is `ask`. */
  readonly role?: string;
  /** Digest of the policy set that decided, `sha256:<hex>`. */
  readonly policySet?: string;
  /** Name of the engine that decided. */
  readonly engine?: string;
}

/** Decides. An implementation that throws is read as deny. */
export interface DecisionPoint {
  decide(request: DecisionRequest): Decision | Promise<Decision>;
}

/** Secret bytes that are only lent out. */
export interface SecretHandle {
  /** Lends the bytes to `use`; they are zeroed when it settles. */
  use<T>(use: (bytes: Uint8Array) => T | Promise<T>): Promise<T>;
}

/** Where secrets come from. */
export interface SecretSource {
  /** Rejects when there is no secret of that name. */
  get(name: string): Promise<SecretHandle>;
}

/** The answer of a {@link RateGate}. */
export interface RateDecision {
  readonly allowed: boolean;
  /** Whole units left right now. */
  readonly remaining: number;
  /** Milliseconds until the same request may succeed; 0 when allowed, `Infinity` when waiting never helps. */
  readonly retryAfterMs: number;
}

/** Limits how often a key may act. */
export interface RateGate {
  /** @param cost units to take, default 1. */
  take(key: string, cost?: number): RateDecision | Promise<RateDecision>;
}

/** A tool definition as it appears on the Model Context Protocol wire. */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  readonly annotations?: JsonObject;
  readonly icons?: readonly JsonValue[];
  readonly _meta?: JsonObject;
}

/** A definition that a {@link ToolVerifier} let through: deeply frozen, and bound to its digest. */
export interface AdmittedTool {
  readonly server: string;
  readonly definition: ToolDefinition;
  /** `sha256:<hex>` over the canonical definition. */
  readonly digest: string;
}

/** Something a {@link ToolVerifier} has to say about one tool. */
export interface ToolFinding {
  readonly tool: string;
  readonly action: "allow" | "warn" | "block";
  readonly code: string;
  readonly reason: string;
}

/** The part of a tool list that may be shown to a model, and a finding for every tool offered. */
export interface ToolAdmission {
  readonly tools: readonly AdmittedTool[];
  readonly findings: readonly ToolFinding[];
}

/** Decides which tools of a server are what their publisher signed and the operator approved. */
export interface ToolVerifier {
  /** @param server the operator's id for the server, never the server's own name. */
  admit(tools: readonly ToolDefinition[], server: string): Promise<ToolAdmission>;
  /** The admitted definition of a tool as it stands now, or undefined when it must not be called. */
  check(tool: string, server: string): Promise<AdmittedTool | undefined>;
}

/** Arguments that passed their check, or why they did not. */
export type ArgumentCheck =
  | { readonly valid: true; readonly arguments: JsonObject }
  | { readonly valid: false; readonly code: string; readonly reason: string };

/** Reads a tool call's arguments once and checks them against the tool's input schema. */
export interface ArgumentChecker {
  /**
   * @param input the text as the model wrote it (preferred), or an object that a host has already parsed.
   * @returns the deeply frozen arguments that are then judged, recorded and executed.
   */
  check(input: string | JsonObject, schema: JsonObject): ArgumentCheck;
}

/** Turns a credential into a principal. */
export interface IdentityVerifier {
  /** Rejects when the credential is not valid for the audience. */
  verify(credential: string, audience: string): Promise<Principal>;
  /**
   * Gives again who acts with a credential that {@link verify} has accepted, and uses nothing up; rejects when it is not
   * valid any more. Asked when a call goes on that a person has kept waiting. Default: what was accepted stays so.
   */
  recheck?(credential: string, audience: string): Promise<Principal>;
}

/** Remembers what was seen once, so that it is not taken twice. */
export interface ReplayStore {
  /**
   * Remembers `key` for `ttlMs` milliseconds and tells whether it was new. Atomic: of two calls with one key, on
   * whatever hosts, exactly one is told so. A store that cannot promise that, or is full, must throw.
   */
  putIfAbsent(key: string, ttlMs: number): boolean | Promise<boolean>;
}

/** Makes a value safe to record. */
export interface Redactor {
  /** @param schema JSON Schema of the value, when there is one. */
  redact(value: JsonValue, schema?: JsonObject): JsonValue;
}

/** What a person is asked to approve. */
export interface ApprovalRequest {
  /** The host's id for the call. Default unknown. */
  readonly call?: string;
  /** `sha256:<hex>` over the canonical action: an approval counts for exactly this. */
  readonly actionHash: string;
  readonly role: string;
  readonly principal: Principal;
  readonly action: string;
  /** Redacted arguments. */
  readonly summary: JsonValue;
  /** Epoch milliseconds after which no answer counts. */
  readonly deadline: number;
}

/** A person's answer, bound to one action and usable once. */
export interface Approval {
  readonly approved: boolean;
  readonly actionHash: string;
  readonly role: string;
  readonly approver: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Asks people. */
export interface Approver {
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<Approval>;
}

/** Whether a sandbox tier works on this machine. */
export type SandboxProbe =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string };

/** What a command in a sandbox did. */
export interface SandboxOutcome {
  readonly kind:
    | "exited"
    | "signalled"
    | "timeout"
    | "idle-timeout"
    | "cpu-limit"
    | "memory-limit"
    | "output-limit"
    | "cancelled"
    | "sandbox-failure";
  readonly exitCode?: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** One isolated place to run commands in. */
export interface SandboxSession {
  run(
    command: readonly string[],
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<SandboxOutcome>;
  writeFile(path: string, content: Uint8Array): Promise<void>;
  readFile(path: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** One kind of isolation. */
export interface SandboxTier {
  readonly name: string;
  probe(): Promise<SandboxProbe>;
  create(): Promise<SandboxSession>;
}
