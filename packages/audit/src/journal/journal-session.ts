import { acquireLock, type FileLock } from "@symbiont/filestore";
import type { PrivateKey } from "@symbiont/keys";
import { asAuditError, unavailable } from "../as-audit-error.ts";
import { formatVerifierKey, verifierKey } from "../notes/verifier-key.ts";
import type { CompressedSegment } from "../retention/compress-segment.ts";
import { SegmentCompressor } from "../retention/segment-compressor.ts";
import type { CommittedLine } from "../shipping/live-sink.ts";
import { journalKeys } from "../verify/read-checkpoints.ts";
import { AttemptTokens } from "./attempt-tokens.ts";
import { ChainWriter } from "./chain-writer.ts";
import { changeKey, revokeKey } from "./change-key.ts";
import { CheckpointTimer } from "./checkpoint-timer.ts";
import { encodeRecord } from "./encoded-record.ts";
import { EntrySigner } from "./entry-signer.ts";
import { JournalFiles } from "./journal-files.ts";
import { type JournalOptions, type JournalSettings, journalSettings } from "./journal-options.ts";
import { JournalWriter } from "./journal-writer.ts";
import { checkFileSystem } from "./network-file-system.ts";
import { type AfterFailure, type RecoveredJournal, recoverJournal } from "./recover-journal.ts";
import { Sealer } from "./sealer.ts";
import { serviceRecord } from "./service-record.ts";
import { SpaceReserve } from "./space-reserve.ts";

/** On a machine that is busy, finding out that the last holder is gone takes its time. */
const LOCK_TIMEOUT_MS = 5_000;

/** One opening of a journal: its lock, its writer and its checkpoints, until it is closed or fails. */
export interface JournalSession {
  readonly files: JournalFiles;
  /** With the key that signs now. */
  readonly settings: JournalSettings;
  readonly writer: JournalWriter;
  /** What a crash had torn off, and where it is now. */
  readonly repaired: RecoveredJournal["repaired"];
  /** Resolves with a checkpoint over everything that is durable, when it is anchored. */
  checkpoint(): Promise<string>;
  /** Goes on with another key. */
  changeKey(next: PrivateKey): Promise<void>;
  /** Records that a key's signatures count for nothing from a size on. */
  revokeKey(key: string, fromSize: number): Promise<void>;
  /** Compresses every closed segment. */
  compress(): Promise<readonly CompressedSegment[]>;
  /** Writes a last record and a last checkpoint unless the writer has failed, and gives everything back. */
  close(): Promise<void>;
}

/** What two openings of one journal in one process share. */
export interface SessionMemory {
  readonly tokens: AttemptTokens;
  readonly after?: AfterFailure;
  /** Told of the records that have become durable. */
  readonly onCommitted?: (lines: readonly CommittedLine[]) => void;
}

/** Verifies a journal, or creates it, and makes it writable. @throws AuditError */
export async function openJournalSession(
  directory: string,
  options: JournalOptions,
  memory: SessionMemory = { tokens: new AttemptTokens() },
): Promise<JournalSession> {
  const settings = journalSettings(options);
  const files = new JournalFiles(directory);
  let lock: FileLock | undefined;
  let recovered: RecoveredJournal | undefined;
  try {
    await files.prepare();
    const onNetwork = checkFileSystem(files.directory, settings.allowNetworkFileSystem);
    lock = await acquireLock(files.writer, { timeoutMs: LOCK_TIMEOUT_MS });
    recovered = await recoverJournal(files, settings, { ...memory, onNetwork });
    return await startSession({ files, settings, lock, recovered, memory });
  } catch (error) {
    await recovered?.segment.close().catch(() => undefined);
    await lock?.release().catch(() => undefined);
    throw asAuditError(error);
  }
}

async function startSession(parts: {
  readonly files: JournalFiles;
  readonly settings: JournalSettings;
  readonly lock: FileLock;
  readonly recovered: RecoveredJournal;
  readonly memory: SessionMemory;
}): Promise<JournalSession> {
  const { files, settings, lock, recovered, memory } = parts;
  const { tokens, onCommitted } = memory;
  const chain = new ChainWriter(recovered.chain, recovered.segment, {
    tokens,
    listener: recovered.tiles.listener,
    keepsLines: onCommitted !== undefined,
  });
  const sealer = new Sealer({ files, lock, settings, signed: recovered.signed });
  const compressor = new SegmentCompressor(files);
  const reserve = new SpaceReserve(files.reserve, settings.reserveBytes);
  const signer = settings.signEntries ? new EntrySigner(files, settings, recovered) : undefined;
  const writer = new JournalWriter({
    ...(signer === undefined ? {} : { signer }),
    ...(onCommitted === undefined ? {} : { onCommitted }),
    files,
    lock,
    settings,
    chain,
    sealer,
    compressor,
    reserve,
    tiles: recovered.tiles,
    segmentStart: recovered.segmentStart,
  });
  const seal = async (): ReturnType<Sealer["seal"]> => {
    const { size, root } = await writer.state();
    recovered.tiles.writeOpen();
    const sealed = await sealer.seal(size, root);
    // Of an opening that follows a checkpoint there is nothing more to tell.
    if (size > recovered.signed + 1) writer.echo(size, root);
    return sealed;
  };
  const checkpoint = async (): Promise<string> => {
    const { note, anchored } = await seal();
    await anchored;
    return note;
  };
  /** What a crash left unsigned is signed before anything follows it. A slow anchor holds nobody up. */
  const sealOpening = async (): Promise<void> => {
    const { anchored } = await seal();
    anchored.catch((error: unknown) => {
      writer.fail(unavailable("a checkpoint could not be kept", asAuditError(error)));
    });
  };
  const timer = new CheckpointTimer({ writer, sealer, settings, checkpoint });
  reserve.keep();
  await writer.append(encodeRecord(recovered.opening), "record", writer.deadline());
  await sealOpening();
  const keyParts = { origin: settings.origin, writer, sealer, signer, checkpoint };
  let current = settings;
  let changing: Promise<void> = Promise.resolve();
  return {
    files,
    get settings() {
      return current;
    },
    writer,
    repaired: recovered.repaired,
    checkpoint,
    changeKey: async (next) => {
      const before = changing;
      const change = (async () => {
        await before;
        const { key, trusted } = current;
        await changeKey(keyParts, key, next);
        const old = formatVerifierKey(verifierKey(settings.origin, key.publicKey));
        current = { ...current, key: next, trusted: [...trusted, old] };
      })();
      changing = change.catch(() => undefined);
      return change;
    },
    revokeKey: async (key, fromSize) => revokeKey(keyParts, current.key, { key, fromSize }),
    compress: async () => {
      const { origin, key, trusted } = current;
      const own = formatVerifierKey(verifierKey(origin, key.publicKey));
      return compressor.compressAll({ origin, keys: journalKeys(origin, [own, ...trusted]) });
    },
    close: async () => {
      timer.stop();
      try {
        if (writer.failure === undefined) {
          const last = encodeRecord(serviceRecord(settings.origin, "journal.close", {}));
          await writer.append(last, "record", Number.POSITIVE_INFINITY);
          // It may have closed a segment, which is on record after it.
          await writer.idle();
          await checkpoint();
        }
      } finally {
        // Nothing may be written any more when the lock is given back.
        await writer.idle();
        await sealer.idle;
        await chain.segment.close().catch(() => undefined);
        await lock.release().catch(() => undefined);
      }
    },
  };
}
