import * as z from "zod/mini";

import type { CheckedConfig, StageMember } from "./guard-config.ts";

// Every message is the fix: what to write there. The kind of what stands there is added by whoever reports.

const text = (fix: string, max = 1024) => z.string(fix).check(z.minLength(1, fix), z.maxLength(max, fix));
const path = (what: string) => text(`write the path of ${what}`, 4096);
const flag = z.boolean("write true or false");
const names = (what: string) => z.array(text(`write ${what} as text`), `write a list of ${what}`);
const milliseconds = z
  .int("write a whole number of milliseconds")
  .check(
    z.minimum(1, "write a number of milliseconds from 1"),
    z.maximum(2 ** 31 - 1, "write less than 2^31 milliseconds"),
  );
const count = z
  .int("write a whole number from 1")
  .check(z.minimum(1, "write a whole number from 1"), z.maximum(2 ** 31, "write a smaller number"));
const choice = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, `write one of ${words.map((word) => `"${word}"`).join(", ")}`);
const orWord = <Word extends string, Shape extends z.core.$ZodShape>(word: Word, shape: Shape) =>
  z.union([z.strictObject(shape, OBJECT), z.literal(word)], `write an object or "${word}"`);

const OBJECT = "write an object";
const API_KEY_FIX = 'write { "env": … } or { "secret": … }: the key itself does not belong here';
const IDENTITY_FIX = 'write { "fixed": … }, { "apiKeys": … } or { "agentPin": … }';
/** What is told where the member of a stage is missing. */
export const STAGE_FIXES: Readonly<Record<StageMember, string>> = {
  identity: IDENTITY_FIX,
  tools: 'write { "pins": …, "servers": { … } }, or give the option stages.tools',
  policy: 'write { "folder": … }, or give the option stages.policy',
  audit: 'write an object or "none", or give the option stages.audit',
};

const identity = z
  .strictObject(
    {
      fixed: z.exactOptional(
        z.strictObject(
          {
            kind: choice(["agent", "user", "service", "system"]),
            id: text("write the principal's id", 256),
            roles: z.exactOptional(names("role names")),
          },
          OBJECT,
        ),
      ),
      apiKeys: z.exactOptional(
        z.strictObject(
          {
            file: z.exactOptional(path("the key file")),
            audience: text("write what the keys are for", 256),
          },
          OBJECT,
        ),
      ),
      agentPin: z.exactOptional(
        z.strictObject(
          {
            audience: text("write the name that credentials use for this service", 256),
            issuers: names("issuers' domains").check(z.minLength(1, "name at least one issuer")),
            pins: z.exactOptional(path("the pin file")),
            documents: z.exactOptional(
              z.record(
                z.string(),
                z.strictObject(
                  { discovery: path("a discovery document"), revocation: path("a revocation document") },
                  OBJECT,
                ),
                OBJECT,
              ),
            ),
          },
          OBJECT,
        ),
      ),
    },
    IDENTITY_FIX,
  )
  .check(
    z.refine(
      (given) => Object.values(given).filter((one) => one !== undefined).length === 1,
      'write exactly one of "fixed", "apiKeys", "agentPin"',
    ),
  );

const server = z.strictObject(
  {
    domain: text("write the publisher's domain", 253),
    discovery: z.exactOptional(path("the publisher's discovery document")),
    revocation: z.exactOptional(path("the publisher's revocation document")),
    signatures: z.exactOptional(path("the file of signatures")),
    lock: z.exactOptional(path("the lock file")),
  },
  OBJECT,
);

const config = z.strictObject(
  {
    $schema: z.exactOptional(z.string("write the address of a JSON Schema")),
    identity: z.exactOptional(identity),
    rate: z.exactOptional(
      orWord("unlimited", {
        limits: z
          .array(
            z.strictObject(
              {
                name: z.exactOptional(text("write a short name", 64)),
                count,
                periodMs: milliseconds,
                capacity: z.exactOptional(count),
              },
              OBJECT,
            ),
            "write a list of limits",
          )
          .check(z.minLength(1, "write 1 to 8 limits"), z.maxLength(8, "write 1 to 8 limits")),
        maxKeys: z.exactOptional(count),
      }),
    ),
    tools: z.exactOptional(
      z.strictObject(
        {
          enforcement: z.exactOptional(choice(["strict", "permissive", "development", "disabled"])),
          pins: z.exactOptional(path("the pin file")),
          ledger: z.exactOptional(path("the file of revoked keys")),
          firstUse: z.exactOptional(choice(["trust", "refuse"])),
          onSignedChange: z.exactOptional(choice(["accept", "review", "block"])),
          own: z.exactOptional(names("ids of the program's own sets of tools")),
          servers: z.record(z.string(), server, "write an object with a member for each server"),
        },
        OBJECT,
      ),
    ),
    policy: z.exactOptional(
      z.strictObject(
        { folder: path("the folder of policies"), allowByDefault: z.exactOptional(names("actions")) },
        OBJECT,
      ),
    ),
    approvals: z.exactOptional(
      z.strictObject(
        {
          roles: z.record(
            z.string(),
            z.strictObject(
              {
                approvers: names("people's ids").check(z.minLength(1, "name at least one person")),
                quorum: z.exactOptional(count),
                requireReason: z.exactOptional(flag),
              },
              OBJECT,
            ),
            "write an object with a member for each role",
          ),
          store: z.exactOptional(path("the file of open questions")),
        },
        OBJECT,
      ),
    ),
    redact: z.exactOptional(
      z.strictObject(
        { sensitiveParams: z.exactOptional(names("parameter names")), personalData: z.exactOptional(flag) },
        OBJECT,
      ),
    ),
    audit: z.exactOptional(
      orWord("none", {
        folder: path("the journal's folder"),
        origin: text('write the journal\'s name, for example "example.com/agent/audit/1"', 256),
        key: path('the key file, or "ephemeral"'),
        anchor: path("the file for the newest checkpoint"),
        failureMode: z.exactOptional(choice(["strict", "permissive"])),
      }),
    ),
    sandbox: z.exactOptional(
      z.strictObject(
        {
          tier: z.exactOptional(choice(["namespace", "native", "docker", "gvisor", "qemu", "e2b"])),
          image: z.exactOptional(text("name an image that the engine has", 512)),
          rootfs: z.exactOptional(path("a root file system")),
          engineSocket: z.exactOptional(path("the engine's socket")),
          networkRuntime: z.exactOptional(text("name a runtime that the engine has", 128)),
          kernel: z.exactOptional(path("a kernel")),
          initrd: z.exactOptional(path("the image of a machine")),
          template: z.exactOptional(text("name a template of the service", 128)),
          apiKey: z.exactOptional(
            z
              .strictObject(
                {
                  env: z.exactOptional(text("name a variable", 256)),
                  secret: z.exactOptional(text("name the secret", 512)),
                },
                API_KEY_FIX,
              )
              .check(
                z.refine(({ env, secret }) => (env === undefined) !== (secret === undefined), API_KEY_FIX),
              ),
          ),
          endpoint: z.exactOptional(
            z.strictObject(
              {
                apiUrl: text("write the URL of the control plane"),
                sandboxUrl: text("write the URL of the machines"),
              },
              OBJECT,
            ),
          ),
          warm: z.exactOptional(
            z
              .int("write a whole number")
              .check(z.minimum(0, "write a number from 0"), z.maximum(64, "write at most 64")),
          ),
          limits: z.exactOptional(
            z.record(z.string(), z.number("write a number"), "write an object of numbers"),
          ),
          allowedExecutables: z.exactOptional(names("absolute paths of programs")),
          network: z.exactOptional(names("hosts with their ports, like api.example.com:443")),
        },
        OBJECT,
      ),
    ),
    secrets: z.exactOptional(
      z.strictObject(
        {
          file: path("the secret file"),
          key: z.exactOptional(
            z
              .strictObject(
                {
                  env: z.exactOptional(text("name a variable", 256)),
                  file: z.exactOptional(path("the key file")),
                },
                OBJECT,
              )
              .check(
                z.refine(
                  ({ env, file }) => (env === undefined) !== (file === undefined),
                  'write exactly one of "env", "file"',
                ),
              ),
          ),
        },
        OBJECT,
      ),
    ),
    modelLog: z.exactOptional(
      z.strictObject({ folder: path("the log's folder"), secret: text("name the secret", 512) }, OBJECT),
    ),
    trustedProxies: z.exactOptional(names("addresses and ranges")),
    timeouts: z.exactOptional(
      z.strictObject(
        {
          stageMs: z.exactOptional(milliseconds),
          approvalMs: z.exactOptional(milliseconds),
          drainMs: z.exactOptional(milliseconds),
        },
        OBJECT,
      ),
    ),
  },
  'write an object with "identity", "tools", "policy" and "audit"',
);

/** What a configuration must be; strict at every level. The compiler compares it with `GuardConfig`. */
export const configSchema: z.ZodMiniType<CheckedConfig & { readonly $schema?: string }> = config;
