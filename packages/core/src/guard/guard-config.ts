import type { Principal } from "@symbiont/kit";

/** The configuration of a guard: plain data, as it stands in `symbiont.config.json`. Paths are relative to that file. */
export interface GuardConfig {
  /** Who calls. Exactly one of the three. */
  readonly identity: IdentityConfig;
  /** How often each principal may call. Default 100 calls a minute. `"unlimited"` is a decision. */
  readonly rate?: RateConfig | "unlimited";
  /** Which tools are what their publisher signed. */
  readonly tools: ToolsConfig;
  /** The rules. */
  readonly policy: PolicyConfig;
  /** Who is asked where a rule wants an approval. Default nobody: then such a call is denied. */
  readonly approvals?: ApprovalsConfig;
  /** What is taken out of arguments before they are recorded. Default the built-in rules. */
  readonly redact?: RedactConfig;
  /** Where records go. `"none"` is a decision, and refused in production. */
  readonly audit: AuditConfig | "none";
  /** Where commands run that are not trusted. Default none. */
  readonly sandbox?: SandboxConfig;
  /** Where secrets are. Default none. */
  readonly secrets?: SecretsConfig;
  /** Where model calls are logged, sealed. Default none. Needs `secrets`. */
  readonly modelLog?: ModelLogConfig;
  /** Addresses and ranges of our own proxies, for `guard.clientAddress`. Default none: the peer is the client. */
  readonly trustedProxies?: readonly string[];
  readonly timeouts?: TimeoutsConfig;
}

/** The members that say what a stage is made of. Each may be missing where the program brings the stage of that name. */
export type StageMember = "identity" | "tools" | "policy" | "audit";

/** A configuration whose stages may be missing: which may, the options say. */
export type CheckedConfig = Omit<GuardConfig, StageMember> & Partial<Pick<GuardConfig, StageMember>>;

/** Who calls: one fixed principal, or the owner of the credential that each call carries. */
export interface IdentityConfig {
  readonly fixed?: Pick<Principal, "kind" | "id"> & { readonly roles?: readonly string[] };
  readonly apiKeys?: {
    /** The key file, as `symbiont keys create` writes it. Required, unless there is `stores.apiKeys`. */
    readonly file?: string;
    /** What these keys are for; each call is checked against it. */
    readonly audience: string;
  };
  readonly agentPin?: {
    /** Who we are, as credentials name us. */
    readonly audience: string;
    /** Domains whose agents are let in. */
    readonly issuers: readonly string[];
    /** File of the keys that were seen before. Required, unless there is `stores.agentPins`. */
    readonly pins?: string;
    /** Documents that are held instead of fetched, by issuer: a discovery and a revocation document. Default: fetched. */
    readonly documents?: Readonly<
      Record<string, { readonly discovery: string; readonly revocation: string }>
    >;
  };
}

/** 1 to 8 limits that every call must pass together. */
export interface RateConfig {
  readonly limits: readonly {
    readonly name?: string;
    readonly count: number;
    readonly periodMs: number;
    /** Calls that may be made at once after a pause. Default `count`. */
    readonly capacity?: number;
  }[];
  /** Principals that are sure to be counted apart. Default 100,000. */
  readonly maxKeys?: number;
}

/** How tools are verified. */
export interface ToolsConfig {
  /** Default `strict`. `development` and `disabled` are refused in production. */
  readonly enforcement?: "strict" | "permissive" | "development" | "disabled";
  /** File of what was seen before. Required, unless there is `stores.toolPins`. */
  readonly pins?: string;
  /** File that remembers revoked keys. Default: in memory. */
  readonly ledger?: string;
  /** Whether something that was never seen is trusted and pinned. Default: `refuse` in production, else `trust`. */
  readonly firstUse?: "trust" | "refuse";
  /** Default `review`: blocked until a person has approved the change. */
  readonly onSignedChange?: "accept" | "review" | "block";
  /** Ids under which the program offers tools that it defines in its own code; nobody has to sign those. Default none. */
  readonly own?: readonly string[];
  /** By the operator's id of each server. */
  readonly servers: Readonly<Record<string, ServerConfig>>;
}

/** What the operator knows about one server. */
export interface ServerConfig {
  /** Domain of the publisher. */
  readonly domain: string;
  /** File with the publisher's discovery document. Default: fetched from the domain, unless there is a `lock`. */
  readonly discovery?: string;
  /** File with its revocation document. */
  readonly revocation?: string;
  /** File of signatures kept beside the server, as `symbiont schemapin sign` writes it. */
  readonly signatures?: string;
  /** File of digests of tools that nobody signs, as `symbiont schemapin lock` writes it. */
  readonly lock?: string;
}

export interface PolicyConfig {
  /** Folder of `*.symbi` files. It is watched: what is sound takes effect as a whole, what is not leaves the old rules. */
  readonly folder: string;
  /** Actions that are allowed when no rule says anything. Default none. */
  readonly allowByDefault?: readonly string[];
}

export interface ApprovalsConfig {
  /** Who may approve, by role, and how many of them it takes. */
  readonly roles: Readonly<
    Record<
      string,
      { readonly approvers: readonly string[]; readonly quorum?: number; readonly requireReason?: boolean }
    >
  >;
  /** File of open questions, so that they outlive a restart. Default: in memory. */
  readonly store?: string;
}

export interface RedactConfig {
  /** Further names whose values are secret. */
  readonly sensitiveParams?: readonly string[];
  /** Whether text is also searched for personal data. Default `false`. */
  readonly personalData?: boolean;
}

export interface AuditConfig {
  /** Folder of the journal. */
  readonly folder: string;
  /** The journal's name, for example `example.com/agent/audit/1`; fixed for its life. */
  readonly origin: string;
  /** File of the key that signs checkpoints, or `"ephemeral"`: made for one run, refused in production. */
  readonly key: string;
  /** File for the newest checkpoint, best on another disk. */
  readonly anchor: string;
  /** Default `strict`: what cannot be recorded does not run. */
  readonly failureMode?: "strict" | "permissive";
}

export interface SandboxConfig {
  /**
   * Default `namespace`. `native` isolates nothing, and is refused in production. `e2b` hands code, files and output to a
   * service; nothing but its name here chooses it.
   */
  readonly tier?: "namespace" | "native" | "docker" | "gvisor" | "qemu" | "e2b";
  /** Image of the tiers `docker` and `gvisor`, which the engine must have. */
  readonly image?: string;
  /** Folder that tier `gvisor` takes for the root of the file system, without an engine, in place of an image. */
  readonly rootfs?: string;
  /** Socket of the engine. Default `/var/run/docker.sock`. */
  readonly engineSocket?: string;
  /**
   * The engine's name for a runtime by which tier `gvisor` gives commands a network, as `@symbiont/sandbox` has it. Default
   * none: with an image, `network` is refused there.
   */
  readonly networkRuntime?: string;
  /** Kernel and image of the machines of tier `qemu`. */
  readonly kernel?: string;
  readonly initrd?: string;
  /** Template of the machines of tier `e2b`. */
  readonly template?: string;
  /**
   * Where the key of tier `e2b` is: in a variable, or among `secrets`, by name. It never stands here. Default the variable
   * `E2B_API_KEY`.
   */
  readonly apiKey?: { readonly env?: string; readonly secret?: string };
  /** A service that speaks as E2B does, in its place; it gets the key. */
  readonly endpoint?: { readonly apiUrl: string; readonly sandboxUrl: string };
  /** Sandboxes that are kept ready, each for one command; not of the tiers `native` and `e2b`. Default 0. */
  readonly warm?: number;
  /** Limits by name, as `@symbiont/sandbox` has them. Default those of the package. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Programs that tier `native` may run, by absolute path. Default none. */
  readonly allowedExecutables?: readonly string[];
  /** Hosts that commands may reach, like `api.example.com:443`; each decision is on record. Default none. */
  readonly network?: readonly string[];
}

export interface SecretsConfig {
  /** The encrypted file, as `symbiont secrets init` makes it. */
  readonly file: string;
  /** Where its key is. Default: `SYMBIONT_MASTER_KEY`, else the file that `SYMBIONT_MASTER_KEY_FILE` names. */
  readonly key?: { readonly env?: string; readonly file?: string };
}

export interface ModelLogConfig {
  readonly folder: string;
  /** Name of the secret that wraps the log's keys: 32 bytes. */
  readonly secret: string;
}

export interface TimeoutsConfig {
  /** Longest time for one stage, in milliseconds. Default 5,000. */
  readonly stageMs?: number;
  /** Longest wait for a person, in milliseconds. Default 120,000. */
  readonly approvalMs?: number;
  /** Longest time that `close` waits for calls under way, in milliseconds. Default 30,000. */
  readonly drainMs?: number;
}
