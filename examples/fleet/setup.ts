// Once, before the first process: makes the tables, and the secrets that all processes share.
import { randomBytes } from "node:crypto";
import { migrate } from "@symbiont/api-keys/postgres";
import { postgresRecordSchema } from "@symbiont/audit/sinks/postgres";
import { exportPrivateKeyPem, generateKeyPair } from "@symbiont/keys";
import { migratePins } from "@symbiont/schemapin/postgres";
import { connectShared } from "./shared.ts";

const { database, secrets, close } = await connectShared({ create: true });
await migrate(database);
await migratePins(database);
await database.query(postgresRecordSchema());
await secrets.set("announce-key", randomBytes(32).toString("hex"));
await secrets.set("limit-key", randomBytes(32).toString("hex"));
await secrets.set("journal-key", exportPrivateKeyPem(generateKeyPair("Ed25519").privateKey));
await close();
