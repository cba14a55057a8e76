import type { AuditLog } from "@symbiont/audit";
import type { AuditSink, Clock } from "@symbiont/kit";
import type { AuditConfig } from "../guard-config.ts";
import type { Part } from "../parts.ts";

const MAX_KEY_BYTES = 16 << 10;

/** Opens the journal. @throws AuditError, FilestoreError, KeysError */
export async function openAudit(
  config: AuditConfig | "none",
  at: (path: string) => string,
  clock: Clock,
): Promise<Part<AuditLog | AuditSink>> {
  if (config === "none") return { port: keepsNothing() };
  const [{ AuditLog, fileAnchor }, keys, { readPrivateFile }] = await Promise.all([
    import("@symbiont/audit"),
    import("@symbiont/keys"),
    import("@symbiont/filestore"),
  ]);
  const { folder, origin, anchor, failureMode = "strict" } = config;
  const key =
    config.key === "ephemeral"
      ? keys.generateKeyPair("Ed25519").privateKey
      : keys.importPrivateKeyPem(
          new TextDecoder().decode(
            (await readPrivateFile(at(config.key), { maxBytes: MAX_KEY_BYTES })).bytes,
          ),
        );
  const log = await AuditLog.open(at(folder), {
    origin,
    key,
    anchor: fileAnchor(at(anchor)),
    failureMode,
    clock,
  });
  return {
    port: log,
    check: () => {
      if (log.degraded !== undefined) throw log.degraded;
    },
    close: async () => log.close(),
  };
}

/** Takes every record and keeps none; each still gets a handle of its own, by which its outcome is told from others. */
function keepsNothing(): AuditSink {
  let handle = 0;
  return { append: async () => ({ sequence: --handle }) };
}
