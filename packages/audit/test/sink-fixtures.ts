import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { type JournalRecord, journalRecords, Shipper, type ShipperOptions } from "@symbiont/audit";
import { openJournal, record } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

/** A closed journal with records of every outcome, text that has to be escaped, and trace ids. */
export async function withJournal(
  run: (parts: {
    directory: string;
    trusted: string[];
    records: JournalRecord[];
    more: () => Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (directory) => {
    const write = async (): Promise<string> => {
      const journal = await openJournal(directory);
      const { sequence } = await journal.append(record("a", { outcome: "attempt", action: "tool_call::x" }));
      await journal.append(record("a", { outcome: "success", attempt: sequence }));
      await journal.append(
        record('é "quoted" \\ ]', { outcome: "denied", error: { name: "Denial", code: "DENIED" } }),
      );
      const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
      await journal.append(record("a", { outcome: "failure", trace, data: { text: "line\nbreak \u0000" } }));
      await journal.close();
      return journal.verifierKey;
    };
    const trusted = [await write()];
    const records: JournalRecord[] = [];
    for await (const entry of journalRecords(directory, { trusted })) records.push(entry);
    await run({ directory, trusted, records, more: async () => void (await write()) });
  });
}

export function shipper(options: ShipperOptions): Shipper {
  return new Shipper({ retryMs: 5, pollMs: 5, ...options });
}

/** What a request was. */
export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that answers with what `answer` says, and remembers. */
export async function startServer(
  answer: (request: Request) => number,
): Promise<{ url: string; requests: Request[]; server: Server }> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(seen);
      response.writeHead(answer(seen)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, requests, server };
}
