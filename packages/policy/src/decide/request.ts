/** One question to a policy set. Values may be JSON values, `Map`s with text keys and {@link Duration}s. */
export interface PolicyRequest {
  /** Operation name, matched exactly. */
  readonly op: string;
  /** What the operation is applied to, by position: what the parameters of a target such as `read(file)` bind to. */
  readonly subjects?: readonly unknown[];
  /** Root names that conditions can see. Only what the host vouches for; never a model's own words as fact. */
  readonly scope?: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>;
  /** What the host affirms for `require` rules, by key. */
  readonly assurances?: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>;
  /** Roles whose approval of exactly this request has been verified. */
  readonly approvals?: readonly string[];
  /** Name of the agent that acts: blocks inside `agent name { … }` apply to it alone. */
  readonly agent?: string;
  /** Name of the channel it comes from: blocks inside `channel name { … }` apply to it alone. */
  readonly channel?: string;
}
